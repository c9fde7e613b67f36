"""People in a real browser: a package, so that its stack and its browser end with it."""
