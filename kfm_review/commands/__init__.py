"""The Django app of what `manage.py` offers beyond Django's own commands."""
