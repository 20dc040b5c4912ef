"""The front page of a dissemination unit: a map of what it serves, in the browser, over its own WMS."""
