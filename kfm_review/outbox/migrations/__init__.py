"""How the tables of outbox came to be."""
