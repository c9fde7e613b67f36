"""What pages read of reviews: the queue, and the dossier of one."""
