"""Runs: asked for, carried out by machines in numbered attempts, and kept with what they made."""
