"""An `engine.answer.Answer` as a terminal text or a Markdown page; one walk over the answer, two ways of setting it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Protocol

import click

from engine.answer import Answer, Blocked, Caution, ChallengeState, Recommendation
from kb.records import Article
from kb.records.vocabulary import Vocabulary
from kb.records.words import joined, literal_in_words, lower

FULL = 5
WORDS = {
    "feasible": "you can do this well",
    "partial": "only partly, for you",
    "blocked": "blocked for you",
    "open": "open: no solution claims more than partial coverage",
    "undecided": "depends on what is unknown",
}
_COLOURS = {
    "feasible": "green",
    "partial": "yellow",
    "blocked": "red",
    "open": "magenta",
    "undecided": "cyan",
}


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


class Context:
    """What is needed to say an answer in words."""

    def __init__(
        self, name: str, vocabulary: Vocabulary, articles: Mapping[str, Article], labels: Mapping[str, str]
    ) -> None:
        self.name, self.vocabulary, self.articles, self.labels = name, vocabulary, articles, labels

    def cite(self, source: str) -> str:
        """Name a source as people do: first author and year."""
        article = self.articles.get(source)
        if article is None:
            return source.removeprefix("later source: ")
        others = (
            " et al."
            if len(article.authors) > 2
            else f" and {article.authors[1].split()[-1]}"
            if len(article.authors) == 2
            else ""
        )
        return f"{article.authors[0].split()[-1]}{others} {article.year}"


def render(answer: Answer, context: Context, out: Setter, full: int = FULL) -> str:
    """Write an answer.

    Args:
        answer: from `engine.recommend`.
        context: names and articles.
        out: a `Terminal` or `Markdown` setter.
        full: how many recommendations are written with all their reasons; the rest get one line.
    """
    out.title(f"{context.name}: what can be done about its data")
    out.paragraph(f"Answered from catalogue {answer.catalogue}.")
    for note in answer.notice:
        out.paragraph(note)
    _unknown(answer, context, out)
    out.heading("Your challenges")
    for state in answer.challenges:
        _challenge(state, context, out)
    feasible = [r for r in answer.recommendations if r.verdict == "feasible"]
    undecided = [r for r in answer.recommendations if r.verdict == "undecided"]
    out.heading(f"What you can use: {len(feasible)} solutions, best first")
    for place, recommendation in enumerate(feasible, 1):
        _recommendation(place, recommendation, context, out, place <= full)
    if undecided:
        out.heading(f"What depends on things not known yet: {len(undecided)} solutions")
        for recommendation in undecided:
            out.entry(
                recommendation.label,
                f"score {recommendation.worst:.2f} to {recommendation.score:.2f}",
                "cyan",
            )
            out.item(f"to find out: {_deciders(recommendation.deciders, context)}")
    if answer.blocked:
        out.heading(f"What is blocked for you: {len(answer.blocked)} solutions")
        for blocked in answer.blocked:
            _blocked(blocked, context, out)
    _gaps(answer, context, out)
    _sources(answer, feasible[:full], context, out)
    return out.text()


def _unknown(answer: Answer, context: Context, out: Setter) -> None:
    if not answer.unknown:
        return
    said = [f"{lower(context.vocabulary.schemes[u.facet].label)} ({u.solutions_hanging})" for u in answer.unknown]
    out.paragraph(f"Not or not fully known, with the number of solutions that hang on it: {', '.join(said)}.")


def _challenge(state: ChallengeState, context: Context, out: Setter) -> None:
    range_ = state.high if state.low == state.high else f"{state.low} to {state.high}"
    assumed = ", assumed from your words" if state.assumed else ""
    out.entry(
        state.label,
        f"severity {state.severity}{assumed}; {WORDS[state.availability]} (best coverage: {range_})",
        _COLOURS[state.availability],
    )
    if state.leaders:
        names = [context.labels[s] for s in state.leaders]
        if len(names) == 1:
            said = f"Only {names[0]} is feasible."
        elif state.clear_winner:
            said = f"{names[0]} leads clearly; then {joined(names[1:])}."
        else:
            said = f"No clear winner among {joined(names)}."
        out.item(said)


def _recommendation(place: int, r: Recommendation, context: Context, out: Setter, full: bool) -> None:
    score = f"score {r.score:.2f}" if r.score == r.worst else f"score {r.worst:.2f} to {r.score:.2f}"
    covers = "; ".join(f"{s.high} on {lower(context.labels[s.challenge])}" for s in r.challenges if s.high != "none")
    out.entry(f"{place}. {r.label}", f"{score}, {r.kind}: {covers}", "green")
    if not full:
        return
    for served in r.challenges:
        if served.high == "none":
            continue
        cited = joined([context.cite(s) for s in served.sources])
        evidence = f"{lower(context.vocabulary.label('evidence.' + served.evidence))}{': ' + cited if cited else ''}"
        out.item(f"{context.labels[served.challenge]}: {served.how} What remains: {served.remains} [{evidence}]")
    out.item("Score: " + ", ".join(f"{c.value:.3f} {c.words}" for c in r.contributions if c.value) + ".")
    for caution in r.cautions:
        out.item(_caution(caution, context))


def _caution(caution: Caution, context: Context) -> str:
    head = "Caution" if caution.certain else f"Caution if {caution.when}"
    reduced = " (helps less)" if caution.effect == "reduces" else ""
    residue = f" What stays: {caution.residual_risk}." if caution.residual_risk else ""
    factor = f" [{lower(context.vocabulary.label('factor.' + caution.factor))}]" if caution.factor else ""
    return f"{head}{reduced}: {caution.says}{residue}{factor}"


def _blocked(blocked: Blocked, context: Context, out: Setter) -> None:
    out.entry(blocked.label, f"for {joined([lower(context.labels[c]) for c in blocked.challenges])}", "red")
    for reason in blocked.because:
        inherited = f" (its prerequisite {context.labels[reason.inherited_from]})" if reason.inherited_from else ""
        cited = joined([context.cite(s) for s in reason.sources])
        factor = lower(context.vocabulary.label("factor." + reason.factor))
        out.item(f"since {reason.because}{inherited}: {reason.says} [{factor}{'; ' + cited if cited else ''}]")


def _deciders(deciders: Iterable[str], context: Context) -> str:
    return "; ".join(f"{literal_in_words(d, True, context.vocabulary)}?" for d in deciders)


def _gaps(answer: Answer, context: Context, out: Setter) -> None:
    if answer.gaps:
        out.heading("What stays open")
        for gap in answer.gaps:
            out.item(f"{context.labels[gap.challenge]}: {gap.says}")


def _sources(answer: Answer, shown: list[Recommendation], context: Context, out: Setter) -> None:
    used = {s for r in shown for served in r.challenges for s in served.sources}
    used |= {s for r in shown for caution in r.cautions for s in caution.sources}
    used |= {s for b in answer.blocked for reason in b.because for s in reason.sources}
    articles = sorted(
        (context.articles[s] for s in used if s in context.articles),
        key=lambda a: (a.authors[0].split()[-1], a.year),
    )
    if articles:
        out.heading("Sources")
        for a in articles:
            link = f" https://doi.org/{a.doi}" if a.doi else f" arXiv:{a.arxiv}" if a.arxiv else ""
            out.item(f"{context.cite(a.id)}: {a.title}.{' ' + a.venue + '.' if a.venue else ''}{link}")
    out.paragraph("")
    out.paragraph(
        "Coverage, effort and conditions are this project's estimates; every statement's source stands in the catalogue."
    )
