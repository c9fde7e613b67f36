"""What templates may say beyond Django: marks, words, drawings."""
