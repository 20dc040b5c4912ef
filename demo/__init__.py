"""The demonstration ocean: generated, deterministic, and believable at a glance. Nothing in it was measured."""
