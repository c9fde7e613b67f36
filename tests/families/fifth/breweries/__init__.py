"""The breweries of Kansas, from Open Brewery DB."""
