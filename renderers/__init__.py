"""From a field and a view to a picture. Pure: arguments in, bytes out."""
