"""The one constant under which everything is named, whatever host serves it."""

BASE = "https://w3id.org/provender/"
