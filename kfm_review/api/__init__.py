"""The read API: runs, reviews, releases and artifacts as JSON, described by OpenAPI."""
