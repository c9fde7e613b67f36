"""Archaeological sites of Kansas that nobody ever dug: synthetic points, labelled as real ones would be."""
