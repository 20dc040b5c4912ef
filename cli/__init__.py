"""The command line: the outermost composition root."""
