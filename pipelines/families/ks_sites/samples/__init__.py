"""Bundled editions, and the rules by which all of them were made."""
