"""Relief of Kansas: heights on a grid of five minutes, from ETOPO5."""
