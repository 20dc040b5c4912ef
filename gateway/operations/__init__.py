"""What the operator of a unit asks: is it well, and what has it done."""
