"""Writes the site's pages as Markdown from the catalogue; one module per kind of page, each a pure function of the release."""
