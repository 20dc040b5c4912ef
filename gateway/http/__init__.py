"""What HTTP itself asks of every route: conditional requests, forms, other origins, compression, the log of answers."""
