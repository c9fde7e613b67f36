"""The person who signs in, with roles and clearances; and which database role a process may have."""
