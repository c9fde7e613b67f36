"""Keys, rosters and statements: what is signed, by whom, and whether it counts."""
