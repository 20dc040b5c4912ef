import warnings

with warnings.catch_warnings():
    # cmocean 3.0 calls matplotlib 3.11 in a way that is deprecated; once imported, it is silent.
    warnings.simplefilter("ignore", DeprecationWarning)
    import cmocean  # noqa: F401
