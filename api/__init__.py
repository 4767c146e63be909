"""The faces of the product: the command line."""
