"""The pages people use: a door that reads requests, calls queries and actions, and chooses templates."""
