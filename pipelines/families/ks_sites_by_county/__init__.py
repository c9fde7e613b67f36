"""Synthetic sites counted by county: what everybody may see of `ks_sites`."""
