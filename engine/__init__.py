"""Rules and similarity: what is feasible for an organisation, why, and why not. Pure: no I/O, no web."""
