"""Counties of Kansas: polygons with a name, the reference of other families."""
