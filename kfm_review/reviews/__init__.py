"""Reviews: people looking at one manifest, and their decisions."""
