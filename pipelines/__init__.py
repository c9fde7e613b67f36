"""Machines make datasets, check them, describe them and stop: a plain library with Celery at its edge."""
