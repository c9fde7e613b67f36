"""What stands behind `manage.py up` and `manage.py test`: one machine that plays all parts."""
