"""How an answer is set: for a terminal, or as Markdown; the same calls for both."""

from __future__ import annotations

import shutil
import textwrap
from typing import Protocol

import click


class Setter(Protocol):
    """How headings, paragraphs and items are set."""

    def title(self, text: str) -> None:
        """The page's title."""

    def heading(self, text: str) -> None:
        """A section."""

    def entry(self, text: str, note: str, colour: str | None = None) -> None:
        """The name of a thing with a short note."""

    def item(self, text: str) -> None:
        """A point below an entry."""

    def paragraph(self, text: str) -> None:
        """Running text."""

    def text(self) -> str:
        """All that was set."""


def setter_for(format_: str) -> Setter:
    """The setter of an output format: Markdown, or the terminal at its width, at most a hundred columns."""
    return Markdown() if format_ == "markdown" else Terminal(min(100, shutil.get_terminal_size().columns))


class Terminal:
    """Sets for a terminal of a given width, coloured where the terminal shows it."""

    def __init__(self, width: int) -> None:
        self.width, self.lines = width, list[str]()

    def title(self, text: str) -> None:
        """Set the page's title."""
        self.lines += [click.style(text, bold=True), "=" * min(len(text), self.width)]

    def heading(self, text: str) -> None:
        """Set a section."""
        self.lines += ["", click.style(text, bold=True), "-" * min(len(text), self.width)]

    def entry(self, text: str, note: str, colour: str | None = None) -> None:
        """Set the name of a thing with a short note."""
        name, *more = textwrap.wrap(text, self.width - 2, subsequent_indent="  ") or [""]
        self.lines += [click.style(name, bold=True), *more]
        self.lines += [click.style(line, fg=colour) for line in self._wrapped(note, "  ")]

    def item(self, text: str) -> None:
        """Set a point below an entry."""
        self.lines += textwrap.wrap(
            text, self.width, initial_indent="  - ", subsequent_indent="    ", break_long_words=False
        )

    def paragraph(self, text: str) -> None:
        """Set running text."""
        self.lines += self._wrapped(text, "")

    def _wrapped(self, text: str, indent: str) -> list[str]:
        return textwrap.wrap(text, self.width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)

    def text(self) -> str:
        """All that was set."""
        return "\n".join(self.lines)


class Markdown:
    """Sets Markdown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def title(self, text: str) -> None:
        """Set the page's title."""
        self.lines += [f"# {text}", ""]

    def heading(self, text: str) -> None:
        """Set a section."""
        self.lines += ["", f"## {text}", ""]

    def entry(self, text: str, note: str, colour: str | None = None) -> None:
        """Set the name of a thing with a short note."""
        self.lines += ["", f"**{text}** — {note}" if note else f"**{text}**", ""]

    def item(self, text: str) -> None:
        """Set a point below an entry."""
        self.lines.append(f"- {text}")

    def paragraph(self, text: str) -> None:
        """Set running text."""
        self.lines += [text, ""]

    def text(self) -> str:
        """All that was set."""
        return "\n".join(self.lines) + "\n"
