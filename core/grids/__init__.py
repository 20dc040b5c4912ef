"""Which cell of a grid lies at a place: one adapter for each kind of grid behind one port."""
