"""A page per challenge, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.pages import hooks
from api.pages.page import Page, Site, coverage
from api.pages.record import about, retired
from api.pages.text import bullets, folded, plain, section, table
from kb.gaps import find_gaps

if TYPE_CHECKING:
    from kb.records import Challenge


def pages(site: Site) -> Iterator[Page]:
    """All of them."""
    yield _list(site)
    for challenge in site.catalogue.challenges:
        yield _page(site, challenge)


def _list(site: Site) -> Page:
    text = (
        "# Challenges\n\nTwenty things that go wrong with the data of deep learning in production, by where in the life cycle they do "
        "their main harm. *Best stated* is the best coverage that any solution in the catalogue claims, before anything is known of "
        "your organisation.\n\n"
    )
    for phase in site.catalogue.vocabulary.values("phase"):
        held = [c for c in site.catalogue.challenges if c.phase == phase and c.retired is None]
        rows = [
            [site.challenge(c.id), plain(c.definition.split(". ")[0].rstrip(".") + "."),
             coverage(site, site.best(c.id)), str(len(site.by_challenge.get(c.id, ())))]
            for c in held
        ]  # fmt: skip
        body = table(["Challenge", "What it is", "Best stated", "Solutions"], rows) if rows else ""
        text += section(plain(site.label("phase", phase)), body, phase)
    gone = [site.challenge(c.id) for c in site.catalogue.challenges if c.retired is not None]
    text += section("Retired", bullets(gone), "retired")
    return Page("challenges.md", "Challenges", text, "The data-management challenges of the catalogue, by phase.")


def _page(site: Site, challenge: Challenge) -> Page:
    also = f"Also called {', '.join(plain(name) for name in challenge.also)}.\n\n" if challenge.also else ""
    kicker = f"[Challenges](/challenges.md) › {site.phase(challenge.phase)}\n{{ .pv-kicker }}\n\n"
    text = f"{kicker}# {plain(challenge.label)}\n\n{retired(site, challenge, 'challenge')}"
    text += f"{plain(challenge.definition)}\n{{ .pv-lead }}\n\n{also}"
    text += "".join(picture(site, challenge) for picture in hooks.CHALLENGE)
    text += section("Solutions", _solutions(site, challenge), "solutions")
    text += section("How it shows", _symptoms(site, challenge), "symptoms")
    text += section("Words for it", _words(challenge), "words")
    text += section("What follows", bullets(plain(c) for c in challenge.consequences), "consequences")
    text += section("Related challenges", _links(site, challenge), "related")
    text += section("Research gaps", _gaps(site, challenge), "gaps")
    text += about(site, "challenge", challenge, challenge.label)
    first = challenge.definition.split(". ")[0].rstrip(".") + "."
    return Page(
        f"challenge/{challenge.id}.md",
        challenge.label,
        text,
        first,
        f"challenge/{challenge.id}",
        hide=("navigation",),
        boost=2,
    )


def _solutions(site: Site, challenge: Challenge) -> str:
    held = site.by_challenge.get(challenge.id, ())
    if not held:
        return "The catalogue holds no solution for this challenge."
    rows = []
    for a in held:
        limits = site.limitations.get(a.solution, ())
        blocks = sum(x.effect == "blocks" for x in limits)
        rows.append(
            [site.solution(a.solution), coverage(site, a.coverage), plain(a.how), plain(a.remains),
             f"{len(limits)}, {blocks} of which can block"]
        )  # fmt: skip
    lead = (
        "Coverage is what a solution takes care of when it is applied as intended, after all that always holds is subtracted. "
        "Whether *you* can use it depends on your organisation.\n\n"
    )
    return lead + table(["Solution", "Coverage", "How it helps here", "What remains", "Limitations"], rows)


def _symptoms(site: Site, challenge: Challenge) -> str:
    """The first signs of each role in sight, the others and short phrases to be opened."""
    text = "Written by this project in practitioners' voices; these are no quotations.\n\n"
    for role in site.catalogue.vocabulary.values("role"):
        said = [f"“{plain(s.says)}”" for s in challenge.symptoms if s.role == role]
        if not said:
            continue
        text += f"**{plain(site.label('role', role))}**\n\n"
        text += bullets(said[:3]) + "\n"
        if said[3:]:
            text += folded(f"{len(said) - 3} more", bullets(said[3:])) + "\n"
    return text


def _words(challenge: Challenge) -> str:
    if not challenge.phrases:
        return ""
    return folded(f"{len(challenge.phrases)} phrases", ", ".join(map(plain, challenge.phrases)) + ".")


def _links(site: Site, challenge: Challenge) -> str:
    rows = [
        f"{plain(site.label('link', x.kind))} {site.challenge(x.to)}: {plain(x.why)}" for x in challenge.links
    ]  # fmt: skip
    for other in site.catalogue.challenges:
        for x in other.links:
            if x.to == challenge.id:
                way = {"causes": "is a cause", "worsens": "makes it worse", "resembles": "resembles it"}.get(
                    x.kind, x.kind
                )
                rows.append(f"{site.challenge(other.id)} {way}: {plain(x.why)}")
    return bullets(rows)


def _gaps(site: Site, challenge: Challenge) -> str:
    gaps = find_gaps(site.catalogue)
    if challenge.id not in gaps.missing:
        return ""
    lines = []
    if challenge.id in gaps.partial:
        lines.append("No solution of the catalogue is stated to cover it more than partly: the challenge is open.")
    by_facet: dict[str, list[str]] = {}
    for cell in gaps.missing[challenge.id]:
        by_facet.setdefault(cell.partition(".")[0], []).append(plain(site.catalogue.vocabulary.label(cell)).lower())
    for facet, values in by_facet.items():
        lines.append(f"**{plain(site.catalogue.vocabulary.schemes[facet].label)}:** {', '.join(values)}")
    return (
        "Where no source of the catalogue reports that a solution with at least substantial coverage worked. Absence here is absence "
        f"from our sources, which end in {site.catalogue.edition.literature_until}.\n\n{bullets(lines)}"
    )
