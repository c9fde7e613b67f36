"""Boundary lines of the counties of Kansas: each divides two counties, and says which."""
