"""Keys, statements and rosters: what people and machines sign, and whose signature counts."""
