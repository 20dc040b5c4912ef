"""KML documents: values in, bytes out."""
