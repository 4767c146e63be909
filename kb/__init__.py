"""The catalogue: read, checked and stored as SQL and RDF."""
