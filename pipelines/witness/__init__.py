"""A witness: with a key and a memory of its own it cosigns what continues the log that it knows."""
