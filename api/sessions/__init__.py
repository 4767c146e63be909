"""A planning session as an append-only log of events, and everything that follows from it. Pure: no I/O, no web, no clock."""
