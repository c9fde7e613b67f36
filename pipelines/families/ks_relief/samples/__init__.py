"""Bundled editions, and the rules by which all but the first were made."""
