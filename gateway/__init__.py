"""One dissemination unit: its composition root, and one folder for each protocol."""
