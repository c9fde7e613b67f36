"""Airports of Kansas: points with a code, from the package airportsdata."""
