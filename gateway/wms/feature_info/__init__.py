"""Answers to GetFeatureInfo: what layers hold at a place. Source: OGC 06-042, 7.4.4."""
