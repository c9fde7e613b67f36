"""People look, decide and release: the review application."""
