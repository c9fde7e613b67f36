"""People: who may do what, and how they are invited, granted roles, and let go."""
