"""Answers as text for a terminal and as Markdown for the minutes."""
