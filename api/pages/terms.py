"""A page per limiting factor and per phase of the life cycle, and the lists of them."""

from __future__ import annotations

from collections.abc import Iterator

from api.pages.page import Page, Site, badge, coverage
from api.pages.record import about
from api.pages.text import bullets, link, plain, section, table
from kb.records.words import condition_in_words


def pages(site: Site) -> Iterator[Page]:
    """All of them."""
    yield _factors(site)
    for value in site.catalogue.vocabulary.values("factor"):
        yield _factor(site, value)
    yield _phases(site)
    for value in site.catalogue.vocabulary.values("phase"):
        yield _phase(site, value)


def _factors(site: Site) -> Page:
    effects = site.catalogue.vocabulary.values("effect")
    rows = []
    for value in site.catalogue.vocabulary.values("factor"):
        held = [x for x in site.catalogue.limitations if x.factor == value and x.retired is None]
        counts = [str(sum(x.effect == e for x in held)) for e in effects]
        rows.append([site.factor(value), plain(site.says("factor", value)), str(len(held)), *counts])
    lead = (
        "# Limiting factors\n\nWhy solutions from the literature stay unused in practice: the four factors that the abstract of the study "
        "names. Which limitation belongs to which factor is this project's judgement.\n\n"
    )
    head = ["Factor", "What it means", "Limitations", *(plain(site.label("effect", e)).lower() for e in effects)]
    return Page("factors.md", "Limiting factors", lead + table(head, rows), "The four limiting factors.")


def _factor(site: Site, value: str) -> Page:
    label = site.label("factor", value)
    held = [x for x in site.catalogue.limitations if x.factor == value and x.retired is None]
    says = plain(site.says("factor", value))
    text = f"[Limiting factors](/factors.md)\n{{ .pv-kicker }}\n\n# {plain(label)}\n\n{says}\n{{ .pv-lead }}\n\n"
    for effect in reversed(site.catalogue.vocabulary.values("effect")):
        lines = []
        for x in held:
            if x.effect != effect:
                continue
            when = condition_in_words(x.when, site.catalogue.vocabulary)
            name = x.id.partition(".")[2]
            said = link("always" if when == "always" else f"if {when}", f"/solution/{x.solution}.md#{name}")
            lines.append(f"{site.solution(x.solution)}: {said}")
        title = f"{badge(site.label('effect', effect), effect)} {len(lines)} limitations"
        lead = f"{plain(site.says('effect', effect))}\n\n"
        text += section(title, lead + bullets(lines) if lines else "", effect)
    return _of_concept(site, "factor", value, text)


def _phases(site: Site) -> Page:
    rows = []
    for value in site.catalogue.vocabulary.values("phase"):
        held = [site.challenge(c.id) for c in site.catalogue.challenges if c.phase == value and c.retired is None]
        rows.append([site.phase(value), plain(site.says("phase", value)), "<br>".join(held)])
    text = f"# Phases of the life cycle\n\n{plain(site.catalogue.vocabulary.schemes['phase'].definition)}\n\n"
    return Page(
        "phases.md",
        "Phases",
        text + table(["Phase", "What happens", "Challenges"], rows),
        "The phases of the life cycle.",
    )


def _phase(site: Site, value: str) -> Page:
    label = site.label("phase", value)
    text = f"[Phases](/phases.md)\n{{ .pv-kicker }}\n\n# {plain(label)}\n\n{plain(site.says('phase', value))}\n{{ .pv-lead }}\n\n"
    for c in site.catalogue.challenges:
        if c.phase != value or c.retired is not None:
            continue
        body = f"{plain(c.definition)}\n\n" + bullets(
            f"{site.solution(a.solution)} {coverage(site, a.coverage)}" for a in site.by_challenge.get(c.id, ())
        )
        text += section(site.challenge(c.id), body, c.id)
    return _of_concept(site, "phase", value, text)


def _of_concept(site: Site, scheme: str, value: str, text: str) -> Page:
    concept, label = site.catalogue.vocabulary.concepts[f"{scheme}.{value}"], site.label(scheme, value)
    text += about(site, "concept", concept, label)
    return Page(f"{scheme}/{value}.md", label, text, site.says(scheme, value), f"{scheme}/{value}")
