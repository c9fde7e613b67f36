"""Drought in Kansas: a table by county and class, one for each week."""
