"""Bundled editions, and the rules by which the faulty ones were made."""
