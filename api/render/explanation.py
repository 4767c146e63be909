"""An `engine.explanation.Explanation` in words."""

from __future__ import annotations

from api.render.context import Context
from api.render.setters import Setter
from engine.explanation import Explanation
from engine.unlock import Unlock
from kb.records.words import joined, literal_in_words, lower

SHOWN = 8


def render(explanation: Explanation, context: Context, out: Setter) -> str:
    """Write an explanation: what clashes, what to change, what else."""
    out.title(f"{explanation.label}: {explanation.verdict} for {context.name}")
    out.paragraph(f"Answered from catalogue {explanation.catalogue}.")
    if explanation.verdict == "undecided":
        out.heading("What to find out")
        for decider in explanation.deciders:
            out.item(f"{literal_in_words(decider, True, context.vocabulary)}?")
    if explanation.clashes:
        out.heading("What clashes")
        for reason in explanation.clashes:
            inherited = (
                f" (of its prerequisite {context.labels[reason.inherited_from]})" if reason.inherited_from else ""
            )
            cited = joined([context.cite(s) for s in reason.sources])
            factor = lower(context.vocabulary.label("factor." + reason.factor))
            out.item(f"{reason.because}{inherited}: {reason.says} [{factor}{'; ' + cited if cited else ''}]")
    if explanation.verdict == "blocked":
        out.heading("What to change")
        if explanation.no_unlock is not None:
            out.item(explanation.no_unlock)
        for unlock in explanation.unlocks[:SHOWN]:
            out.item(unlock_in_words(unlock, context))
        if len(explanation.unlocks) > SHOWN:
            out.paragraph(
                f"{len(explanation.unlocks) - SHOWN} dearer ways are left out here; `--format json` has them all."
            )
    if explanation.alternatives:
        out.heading("What else does a like job")
        for other in explanation.alternatives:
            shared = joined([lower(context.labels[c]) for c in other.shares])
            out.item(f"{other.label} ({other.verdict}), for {shared}")
    return out.text()


def unlock_in_words(unlock: Unlock, context: Context) -> str:
    """Say an unlock as concrete changes with what they take."""
    euros, weeks = sum(m.euros for m in unlock.moves), sum(m.person_weeks for m in unlock.moves)
    said = f"{joined([m.words for m in unlock.moves])} (about €{euros:,.0f} and {weeks:g} person-weeks, our estimate)"
    if unlock.leaves_unknown:
        asked = "; ".join(literal_in_words(c, True, context.vocabulary) for c in unlock.leaves_unknown)
        said += f"; still to find out: {asked}?"
    return said
