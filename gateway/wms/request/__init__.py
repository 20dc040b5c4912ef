"""WMS requests as values: OGC 06-042 (1.3.0), OGC 01-068r3 (1.1.1), and what ncWMS added to them. Pure."""
