"""Who calls: tokens in requests, the keys of their issuer, and the port through which the unit asks."""
