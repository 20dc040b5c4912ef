"""What clients ask for along the dimensions, as they write it, and which value is meant."""
