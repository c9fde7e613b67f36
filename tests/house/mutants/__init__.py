"""Small mutations of guarded rules, each of which a named test must notice."""
