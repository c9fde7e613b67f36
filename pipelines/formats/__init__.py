"""Readers and writers of file formats: equal data give equal bytes, on every machine."""
