"""Pictures of the site, and the command that makes them."""
