"""A page per solution, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from api.pages import hooks
from api.pages.page import Page, Site, badge, coverage
from api.pages.record import about, evidence, retired
from api.pages.text import bullets, link, numbered, plain, section, table
from kb.records import evidence_level, maintained
from kb.records.words import condition_in_words, lower, sentence

if TYPE_CHECKING:
    from kb.records import Addressing, Limitation, Solution


def pages(site: Site) -> Iterator[Page]:
    """All of them."""
    yield _list(site)
    for solution in site.catalogue.solutions:
        yield _page(site, solution)


def _list(site: Site) -> Page:
    text = (
        "# Solutions\n\nFrom the literature, one primary article each. Whether one is feasible depends on the organisation: each page "
        "lists the conditions under which it cannot be used, helps less or needs care.\n\n"
    )
    for kind in site.catalogue.vocabulary.values("kind"):
        rows = [
            [
                site.solution(s.id),
                "<br>".join(
                    f"{site.challenge(a.challenge)} {coverage(site, a.coverage)}"
                    for a in site.by_solution.get(s.id, ())
                ),
                f"{_weeks(s)} person-weeks, {lower(plain(site.label('cost', s.effort.one_off_cost)))} cost",
                site.article(s.article),
            ]
            for s in site.catalogue.solutions
            if s.kind == kind and s.retired is None
        ]
        lead = f"{plain(site.says('kind', kind))}\n\n"
        body = lead + table(["Solution", "Helps with", "Effort (our estimate)", "Article"], rows) if rows else ""
        text += section(f"{plain(site.label('kind', kind))}s" if kind != "process" else "Processes", body, kind)
    gone = [site.solution(s.id) for s in site.catalogue.solutions if s.retired is not None]
    text += section("Retired", bullets(gone), "retired")
    return Page("solutions.md", "Solutions", text, "The solutions of the catalogue, by kind.")


def _page(site: Site, solution: Solution) -> Page:
    also = f"Also called {', '.join(plain(name) for name in solution.also)}.\n\n" if solution.also else ""
    text = f"[Solutions](/solutions.md) › {plain(site.label('kind', solution.kind))}\n{{ .pv-kicker }}\n\n"
    text += f"# {plain(solution.label)}\n\n{retired(site, solution, 'solution')}{plain(solution.summary)}\n{{ .pv-lead }}\n\n{also}"
    text += _glance(site, solution)
    text += section("How it works", numbered(plain(step) for step in solution.how_it_works), "how")
    helps = "".join(_addressing(site, a) for a in site.by_solution.get(solution.id, ()))
    text += section("Where it helps", helps, "helps")
    text += section("Considerations", _considerations(site, solution), "considerations")
    text += section("What it takes", _effort(site, solution), "effort")
    text += section("Needs in place", bullets(map(site.solution, solution.prerequisites)), "prerequisites")
    text += section("Alternatives", bullets(map(site.solution, _alternatives(site, solution))), "alternatives")
    text += section("Where it was reported to work", _validated(site, solution), "validated")
    text += section("Done when", plain(solution.done_when), "done")
    text += section("Implementations", _implementations(site, solution), "implementations")
    sources = dict.fromkeys([solution.article, *solution.references])
    text += section("Articles", bullets(_reference(site, a, a == solution.article) for a in sources), "articles")
    parts = [("addressing", a.id) for a in site.by_solution.get(solution.id, ())]
    parts += [("limitation", x.id) for x in site.limitations.get(solution.id, ())]
    text += about(site, "solution", solution, solution.label, parts)
    first = solution.summary.split(". ")[0].rstrip(".") + "."
    return Page(
        f"solution/{solution.id}.md",
        solution.label,
        text,
        first,
        f"solution/{solution.id}",
        hide=("navigation",),
        boost=1.5,
    )


def _weeks(solution: Solution) -> str:
    weeks = solution.effort.person_weeks
    return f"{weeks.low:g}–{weeks.high:g}"


def _glance(site: Site, solution: Solution) -> str:
    """The page in a few lines."""
    helps = " · ".join(
        f"{site.challenge(a.challenge)} {coverage(site, a.coverage)}" for a in site.by_solution.get(solution.id, ())
    )
    limits = site.limitations.get(solution.id, ())
    counts = [(e, sum(x.effect == e for x in limits)) for e in ("blocks", "reduces", "warns")]
    words = {"blocks": "can block it", "reduces": "can reduce what it covers", "warns": "call for care"}
    said = ", ".join(f"{n} {words[e]}" for e, n in counts if n)
    return (
        f"**Helps with** {helps}<br>\n**{len(limits)} [considerations](#considerations):** {said}<br>\n"
        f"**Effort:** {_weeks(solution)} person-weeks, {lower(plain(site.label('cost', solution.effort.one_off_cost)))} one-off and "
        f"{lower(plain(site.label('cost', solution.effort.running_cost)))} running cost *(our estimate)*\n{{ .pv-glance }}\n\n"
    )


def _addressing(site: Site, a: Addressing) -> str:
    level = plain(site.label("evidence", evidence_level(a.evidence, site.catalogue.vocabulary)))
    return (
        f"### {plain(site.challenges[a.challenge].label)} {{ #{a.challenge} }}\n\n"
        f"{coverage(site, a.coverage)} coverage of {site.challenge(a.challenge)} · strongest evidence: {level.lower()}\n{{ .pv-facts }}\n\n"
        f"{plain(a.how)}\n\n**What remains:** {plain(a.remains)}\n\n{evidence(site, a.evidence)}\n"
    )


def _considerations(site: Site, solution: Solution) -> str:
    lead = (
        "Each holds under its condition on the organisation only. *Blocks*: cannot be used there. *Reduces*: covers less there. "
        "*Warns*: usable, with care.\n\n"
    )
    pictures = "".join(picture(site, solution) for picture in hooks.SOLUTION)
    return lead + pictures + "".join(_limitation(site, x) for x in site.limitations.get(solution.id, ()))


def _limitation(site: Site, x: Limitation) -> str:
    when = condition_in_words(x.when, site.catalogue.vocabulary)
    name = x.id.partition(".")[2]
    effect = plain(site.label("effect", x.effect))
    facts = [badge(effect, x.effect), site.factor(x.factor)]
    facts += [f"leaves {coverage(site, r.to)} on {site.challenge(r.challenge)}" for r in x.reduces]
    level = plain(site.label("evidence", evidence_level(x.evidence, site.catalogue.vocabulary)))
    facts.append(f"evidence: {level.lower()}")
    risk = (
        f"**What may still go wrong:** {plain(sentence(x.residual_risk.rstrip('.')))}.\n\n" if x.residual_risk else ""
    )
    title = "Always" if when == "always" else f"If {plain(when)}"
    return f"### {title} {{ #{name} }}\n\n{' · '.join(facts)}\n{{ .pv-facts }}\n\n{plain(x.says)}\n\n{risk}{evidence(site, x.evidence)}\n"


def _range(low: float, high: float, unit: str) -> str:
    return f"{low:,.0f}–{high:,.0f} {unit}" if unit != "€" else f"€{low:,.0f}–{high:,.0f}"


def _tier(site: Site, scheme: str, value: str) -> str:
    concept = site.catalogue.vocabulary.concepts[f"{scheme}.{value}"]
    ranges = [
        _range(r.low, r.high, unit) for r, unit in ((concept.euros, "€"), (concept.weeks, "weeks")) if r is not None
    ]
    shown = f" ({', '.join(ranges)})" if ranges else ""
    return plain(concept.label) + shown


def _effort(site: Site, solution: Solution) -> str:
    effort = solution.effort
    rows = [
        ["Working time", f"{_weeks(solution)} person-weeks", "to introduce it"],
        ["One-off cost", _tier(site, "cost", effort.one_off_cost), plain(site.says("cost", effort.one_off_cost))],
        [
            "Running cost",
            _tier(site, "cost", effort.running_cost),
            "a year; " + lower(plain(site.says("cost", effort.running_cost))),
        ],
        ["Knowledge", _tier(site, "knowledge", effort.knowledge), plain(site.says("knowledge", effort.knowledge))],
        [
            "Time to value",
            _tier(site, "horizon", effort.time_to_value),
            plain(site.says("horizon", effort.time_to_value)),
        ],
    ]
    return "*Our estimate; no source gives these figures.*\n\n" + table(["Effort", "Estimate", "Which means"], rows)


def _alternatives(site: Site, solution: Solution) -> list[str]:
    """Solutions that do the same job, whichever of the two says so."""
    back = [s.id for s in site.catalogue.solutions if solution.id in s.instead_of]
    return sorted({*solution.instead_of, *back})


def _validated(site: Site, solution: Solution) -> str:
    rows = []
    for context in solution.validated_in:
        named = [
            plain(site.label(facet, value)) if (value := getattr(context, facet)) else "–"
            for facet in ("modality", "task", "domain", "deployment")
        ]
        rows.append([*named, site.article(context.source)])
    return table(["Modality", "Task", "Domain", "Deployment", "Reported in"], rows) if rows else ""


def _implementations(site: Site, solution: Solution) -> str:
    rows = [
        [link(i.name, i.repository), f"`{i.package}`" if i.package else "–", plain(i.licence), plain(i.version or "–"),
         f"{i.released}{'' if maintained(i) else ' (over two years before it was checked)'}", str(i.checked)]
        for i in solution.implementations
    ]  # fmt: skip
    return (
        table(["Name", "Package", "Licence", "Version", "Released", "Checked"], rows)
        if rows
        else "None is known to us."
    )


def _day(day: date) -> str:
    return f'<span class="pv-day">{day}</span>'


def _reference(site: Site, identity: str, primary: bool) -> str:
    article = site.articles[identity]
    return f"{site.article(identity)}, *{plain(article.title)}*{' — primary article' if primary else ''}"
