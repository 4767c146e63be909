"""The HTTP face: routes over one published release, one module per concern."""
