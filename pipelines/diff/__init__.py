"""What changed between two editions of a dataset, feature by feature."""
