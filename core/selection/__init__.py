"""What is cut out of a dataset for a download: index ranges, chunks to read, and the file that comes of it. No I/O."""
