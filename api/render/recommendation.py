"""An `engine.answer.Answer` in words."""

from __future__ import annotations

from collections.abc import Iterable

from api.render.context import Context
from api.render.setters import Setter
from engine.answer import Answer, Blocked, Caution, ChallengeState, Recommendation
from kb.records.words import joined, lower, sentence

FULL, REASONS = 5, 10
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


def render(answer: Answer, context: Context, out: Setter, full: int = FULL, reasons: int = REASONS) -> str:
    """Write an answer.

    Args:
        answer: from `engine.recommendation`.
        context: names and articles.
        out: a `Terminal` or `Markdown` setter.
        full: how many recommendations are written with all their reasons; the rest get one line.
        reasons: how many blocked solutions are written with what blocks them; the rest are named.
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
    out.heading(
        f"What you can use: {_count(len(feasible))}, best first" if feasible else "What you can use: nothing for sure"
    )
    _stability(answer, context, out)
    for place, recommendation in enumerate(feasible, 1):
        _recommendation(place, recommendation, context, out, place <= full)
    if undecided:
        out.heading(f"What depends on things not known yet: {_count(len(undecided))}")
        for recommendation in undecided:
            out.entry(
                recommendation.label,
                f"score {recommendation.worst:.2f} to {recommendation.score:.2f}",
                "cyan",
            )
            out.item(f"to find out: {_deciders(recommendation.deciders, context)}")
    if answer.blocked:
        out.heading(f"What is blocked for you: {_count(len(answer.blocked))}")
        for blocked in answer.blocked[:reasons]:
            _blocked(blocked, context, out)
        if answer.blocked[reasons:]:
            named = joined([b.label for b in answer.blocked[reasons:]])
            out.paragraph(f"Blocked too (`--blocked {len(answer.blocked)}` says why): {named}.")
    _openings(answer, context, out)
    _gaps(answer, context, out)
    _sources(answer, feasible[:full], context, out)
    return out.text()


def _count(n: int) -> str:
    return f"{n} solution{'' if n == 1 else 's'}"


def _unknown(answer: Answer, context: Context, out: Setter) -> None:
    if not answer.unknown:
        return
    names = {u.facet: lower(context.vocabulary.schemes[u.facet].label) for u in answer.unknown}
    hanging = [f"{names[u.facet]} ({u.solutions_hanging})" for u in answer.unknown if u.solutions_hanging]
    if hanging:
        out.paragraph(f"Not or not fully known, with the number of solutions that hang on it: {', '.join(hanging)}.")
    rest = [names[u.facet] for u in answer.unknown if not u.solutions_hanging]
    if rest:
        out.paragraph(f"Also not fully known, but no verdict hangs on it: {', '.join(rest)}.")


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


def _stability(answer: Answer, context: Context, out: Setter) -> None:
    if answer.stability is None:
        return
    near = [r for r in answer.stability.ranges if r.rival is not None]
    if not answer.stability.fragile or not near:
        out.paragraph("The lead is stable: no weight has to move by less than 0.05 for another solution to come first.")
        return
    tightest = min(
        near, key=lambda r: min(r.weight - r.low if r.low > 0 else 1.0, r.high - r.weight if r.high < 1 else 1.0)
    )
    rival = context.labels[tightest.rival or ""]
    out.paragraph(
        f"The lead is fragile: if the weight of “{tightest.criterion}” left the range {tightest.low:.3f} to {tightest.high:.3f} "
        f"(it is {tightest.weight:.3f}), {rival} would come first."
    )


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


def _openings(answer: Answer, context: Context, out: Setter) -> None:
    if answer.unlocks:
        out.heading("What change would open blocked solutions")
    for opening in answer.unlocks:
        out.entry(
            sentence(", and ".join(m.words for m in opening.moves)),
            f"about €{opening.cost:,.0f} by our estimate",
            "yellow",
        )
        out.item(f"opens {joined([context.labels[s] for s in opening.solutions])}")
        for gain in opening.improves:
            out.item(
                f"raises what you can surely do about {lower(context.labels[gain.challenge])}: {gain.before} to {gain.after}"
            )


def _deciders(deciders: Iterable[str], context: Context) -> str:
    """What to find out, facet by facet."""
    facets: dict[str, list[str]] = {}
    for decider in deciders:
        facets.setdefault(decider.partition(".")[0], []).append(lower(context.vocabulary.label(decider)))
    said = []
    for facet, labels in facets.items():
        at_least = "at least " if context.vocabulary.ordered(facet) else ""
        said.append(
            f"{lower(context.vocabulary.schemes[facet].label)} ({joined([at_least + label for label in labels], 'or')}?)"
        )
    return "; ".join(said)


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
