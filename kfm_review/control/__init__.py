"""The loops that carry the database's word to workers and theirs back, each led by one process."""
