"""Bundled weeks, all of them made by rule."""
