"""Releases: approved manifests under numbers, and the promotions that make them current."""
