"""An `engine.plan.Plan` in words."""

from __future__ import annotations

from api.render.context import Context
from api.render.setters import Setter
from engine.plan import Plan
from kb.records.words import joined


def render(plan: Plan, context: Context, out: Setter) -> str:
    """Write a roadmap: limits, quarters, what each challenge gains, what was left out."""
    out.title(f"Roadmap for {context.name}")
    out.paragraph(f"Made from catalogue {plan.catalogue}. Costs and efforts are this project's estimates.")
    limits = plan.limits
    out.paragraph(
        f"Within €{limits.euros:,.0f}, {limits.person_weeks:g} person-weeks and {limits.weeks:g} weeks, {limits.parallel} things at once."
        + (f" Taken from the profile's tiers: {joined(limits.assumed)}." if limits.assumed else "")
    )
    near = "the best there is" if plan.gap < 1e-6 else f"at most {plan.gap:.1%} short of the best"
    out.paragraph(
        f"Coverage of your challenges, by severity: {plan.gain:.2f} of 1 (today {plan.gain_before:.2f}), {near}; "
        f"€{plan.euros:,.0f} and {plan.person_weeks:g} person-weeks."
    )
    for quarter in sorted({s.first for s in plan.steps}):
        out.heading(f"Quarter {quarter}")
        for step in plan.steps:
            if step.first == quarter:
                until = f", until quarter {step.last}" if step.last > step.first else ""
                needs = f"; after {joined([_name(n, context) for n in step.needs])}" if step.needs else ""
                out.item(f"{step.words}: €{step.euros:,.0f}, {step.person_weeks:g} person-weeks{until}{needs}")
    out.heading("What each challenge gains")
    for challenge, gain in plan.gains.items():
        out.item(f"{context.labels[challenge]}: {gain:.2f} of 1")
    if plan.unscheduled:
        out.heading("Chosen, but not scheduled")
        for left in plan.unscheduled:
            out.item(f"{_name(left.solution, context)}: {left.why}")
    if plan.left_out:
        out.heading("Left out")
        for left in plan.left_out:
            out.item(f"{context.labels[left.solution]}: {left.why}")
    return out.text()


def _name(name: str, context: Context) -> str:
    return context.labels.get(name) or f"“{context.vocabulary.label(name)}”"
