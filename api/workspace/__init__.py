"""The workspace: the second database, in which planning sessions are kept as logs of events."""
