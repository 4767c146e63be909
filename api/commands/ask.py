"""`provender ask`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from api.cli import data_option, fail


@click.command("ask")
@click.argument("profile", type=click.Path(path_type=Path), required=False)
@data_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the profile here when done (JSON).",
)
@click.option("--next", "next_only", is_flag=True, help="Print the next question as JSON and stop, for programs.")
def command(profile: Path | None, data: Path | None, out: Path | None, next_only: bool) -> None:
    """Interview: ask each time for what bears most on the first five solutions, and stop as soon as they are settled.

    Starts from PROFILE if there is one. Answer with a value, several separated by commas, or nothing if you do not know.
    Example:  provender ask parts-marketplace
    """
    from api.opening import open_catalogue_case, open_profile
    from engine.questions import interview
    from kb.profiles import profile_from
    from kb.records.profile import ProfileError

    case = open_profile(profile, data) if profile is not None else open_catalogue_case(data)
    raw: dict[str, Any] = dict(case.raw)
    skipped: frozenset[str] = frozenset()
    if next_only:
        click.echo(
            json.dumps(asdict(interview(case.compiled, case.profile, case.assumed)), ensure_ascii=False, indent=1)
        )
        return
    if out is not None and not out.parent.is_dir():
        fail(f"{out.parent} is not a folder; make it first")
    if profile is None:
        raw |= _challenges(case)
    known, asked = profile_from(raw, case.catalogue), 0
    while True:
        state = interview(case.compiled, known, case.assumed, skipped)
        if state.question is None:
            break
        q = state.question
        click.echo(f"\n{click.style(q.question, bold=True)}\n  {q.why}")
        for option in q.options:
            click.echo(f"  {option}: {case.compiled.vocabulary.concepts[f'{q.facet}.{option}'].definition}")
        text = click.prompt(
            "Several, separated by commas" if q.several else "One of them", default="", show_default=False
        ).strip()
        if not text:
            skipped |= {q.facet}
            continue
        words = [w.strip() for w in text.split(",") if w.strip() and w.strip() != "none of them"]
        try:
            known = profile_from({**raw, q.facet: words if q.several else text}, case.catalogue)
        except ProfileError as error:
            click.echo("  " + "\n  ".join(p.message for p in error.problems), err=True)
            continue
        raw[q.facet] = words if q.several else text
        asked += 1
    labels = case.context.labels
    click.echo(
        f"\n{'Settled' if state.settled else 'As far as it can be settled'} after {asked} answers; the first of your options:"
    )
    for place, solution in enumerate(state.top, 1):
        click.echo(f"  {place}. {labels[solution]}")
    if out is not None:
        out.write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        click.echo(f"Wrote {out}; see the whole answer with: provender recommend {out}")


def _challenges(case: Any) -> dict[str, Any]:
    """Ask what goes wrong, in plain words; matched challenges enter at severity 3."""
    from api.matching import open_index
    from engine.matching import match

    text = click.prompt(
        "What goes wrong with your data or your model? (in a sentence or two, or nothing)",
        default="",
        show_default=False,
    )
    found = (
        [m.challenge for m in match(open_index(case.data, case.catalogue), text) if m.confident] if text.strip() else []
    )
    for challenge in found:
        click.echo(f"  taken as: {case.context.labels[challenge]} (severity 3)")
    if not found:
        click.echo(
            "  No challenge was recognised with confidence, so all count alike; name them in a profile to be precise."
        )
    return {"problem": text, "challenges": dict.fromkeys(found, 3)} if text.strip() else {}
