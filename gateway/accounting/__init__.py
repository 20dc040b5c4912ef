"""What was used by whom, how much, and how it ended: one record for each use, kept for accounting."""
