"""The decision record in the formats in which people take it away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from api.render.context import Context
from api.render.roadmap import render
from api.render.setters import Markdown
from api.web.sessions.record import Decided, DecisionRecord
from kb.export import safe

Write = Callable[[DecisionRecord, Context], bytes]
ADAPTER: TypeAdapter[DecisionRecord] = TypeAdapter(DecisionRecord)
WORDS = {0: "not our problem", 1: "minor", 2: "noticeable", 3: "serious", 4: "severe", 5: "critical"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def plain(text: object) -> str:
    """What somebody wrote, on one line and as it is, whatever Markdown would make of it.

    >>> plain("a *bold* [link](x)")
    'a \\\\*bold\\\\* \\\\[link\\\\](x)'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def to_json(record: DecisionRecord, _: Context) -> bytes:
    """All of it."""
    return ADAPTER.dump_json(record, indent=1)


def to_markdown(record: DecisionRecord, context: Context) -> bytes:
    """For reading, mailing and putting into a wiki."""
    out = Markdown()
    out.title(f"Decision record: {plain(record.title)}")
    out.paragraph(
        f"As of {record.as_of[:16].replace('T', ' ')} UTC, {'closed' if record.closed_at else 'not closed yet'}. Made with "
        f"{record.catalogue_title}, release {record.catalogue} ({record.licence})."
    )
    for sentence in record.notice:
        out.paragraph(f"> {sentence}")
    out.heading("Decisions")
    if not record.decisions:
        out.paragraph("Nothing was decided.")
    for decided in record.decisions:
        _decision(decided, out)
    out.heading("How bad the challenges are")
    if not record.ratings:
        out.paragraph("No round was revealed.")
    for rated in record.ratings:
        found = rated.result
        if found is None:
            out.item(f"Round {rated.round}, {rated.label}: judged by fewer than three, so nothing is shown")
            continue
        out.item(
            f"Round {rated.round}, {rated.label}: median {found.median:g}, middle half {found.low:g} to {found.high:g}, "
            f"judged by {found.judged}{f', {found.cannot_judge} could not judge' if found.cannot_judge else ''}"
            f"{'; people disagree' if found.disagree else ''}"
        )
        for said in found.comments:
            who = f"{plain(said.person)}, " if said.person else ""
            level = "can't judge" if said.severity is None else f"{said.severity} ({WORDS[said.severity]})"
            out.item(f"  {who}{level}: “{plain(said.comment)}”")
    out.heading("The organisation")
    for known in record.profile:
        settled = "the room" if known.by is None else plain(known.by)
        held = f"{_value(known.value)} (settled by {settled})" if known.value is not None else "not settled"
        wanted = "; ".join(f"{plain(who)} proposes {_value(value)}" for who, value in known.open_proposals.items())
        out.item(f"{known.field}: {held}{f'; {wanted}' if wanted else ''}")
    if record.overrides:
        out.heading("Overrides of the roadmap")
        costs = {cost.solution: cost for cost in record.roadmap.costs}
        for held_ in record.overrides:
            what = {"in": "kept in", "out": "left out"}.get(held_.choice or "", "")
            when = f"not before quarter {held_.quarter}" if held_.quarter else ""
            cost = costs.get(held_.solution)
            price = f"; without it, coverage would be {cost.gain:+.2f} and money €{cost.euros:+,.0f}" if cost else ""
            out.item(f"{held_.label}: {', '.join(filter(None, (what, when)))}{price}")
        for unmet in record.roadmap.unmet:
            out.item(f"{context.labels.get(unmet.solution, unmet.solution)}: could not be kept, it {unmet.why}")
    roadmap = Markdown()
    text = render(record.roadmap.plan, context, roadmap)
    out.lines += ["", re.sub(r"(?m)^(#+ )", r"#\1", text.replace(context.name, plain(context.name)).rstrip())]
    out.heading("Who was there")
    for person in record.people:
        out.item(f"{plain(person.name)}, {person.role}{', shown out' if person.left else ''}")
    out.paragraph("")
    out.paragraph("Ratings are anonymous." if record.anonymous else "Ratings are not anonymous in this session.")
    return out.text().encode()


def _decision(decided: Decided, out: Markdown) -> None:
    out.entry(f"{decided.decision.capitalize()}: {decided.label}", f"<{decided.iri}>")
    told = {"Owner": decided.owner, "By": decided.date, "Reason": decided.reason, "Here": decided.verdict}
    for name, value in told.items():
        if value is not None:
            out.item(f"{name}: {plain(value)}")
    for one in decided.dissent:
        out.item(f"Dissent of {plain(one.name)}{f': {plain(one.reason)}' if one.reason else ''}")
    for source in decided.citations:
        out.item(f"Source: {source.cite}, {source.title}{f', <{source.url}>' if source.url else ''}")


def _value(value: Any) -> str:
    return (
        f"`{json.dumps(value, ensure_ascii=False)}`".replace("\n", " ") if not isinstance(value, str) else plain(value)
    )


def _decided(record: DecisionRecord) -> list[dict[str, Any]]:
    return [
        {
            "solution": d.solution, "label": d.label, "decision": d.decision, "owner": d.owner, "date": d.date, "reason": d.reason,
            "verdict": d.verdict, "decided_by": d.by, "decided_at": d.at,
            "dissent": "; ".join(f"{o.name}: {o.reason}" if o.reason else o.name for o in d.dissent),
            "sources": "; ".join(f"{c.cite} {c.url or ''}".strip() for c in d.citations),
            "iri": d.iri, "session": record.title, "catalogue": record.catalogue,
        }
        for d in record.decisions
    ]  # fmt: skip


_COLUMNS = (
    "solution", "label", "decision", "owner", "date", "reason", "verdict", "decided_by", "decided_at", "dissent", "sources", "iri",
    "session", "catalogue",
)  # fmt: skip


def to_csv(record: DecisionRecord, _: Context) -> bytes:
    """The decisions, a line each (RFC 4180, UTF-8)."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=_COLUMNS)
    writer.writeheader()
    writer.writerows({name: safe(value) for name, value in row.items()} for row in _decided(record))
    return out.getvalue().encode()


def to_xlsx(record: DecisionRecord, _: Context) -> bytes:
    """A workbook: decisions, ratings, the profile, the roadmap, who was there."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in _sheets(record).items():
        sheet = book.create_sheet(name)
        header = list(rows[0]) if rows else []
        sheet.append(header)
        for row in rows:
            sheet.append([_cell(value) for value in row.values()])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in sheet.columns:
            sheet.column_dimensions[column[0].column_letter].width = 28
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheets(record: DecisionRecord) -> Mapping[str, list[dict[str, Any]]]:
    about = {
        "title": record.title, "session": record.session, "as of": record.as_of, "closed": record.closed_at or "no",
        "catalogue": f"{record.catalogue_title} {record.catalogue}", "licence": record.licence,
        "ratings": "anonymous" if record.anonymous else "not anonymous", "notice": " ".join(record.notice),
    }  # fmt: skip
    ratings = [
        {
            "round": r.round, "challenge": r.challenge, "label": r.label,
            "judged": r.result.judged if r.result else "fewer than 3",
            "median": r.result and r.result.median, "lower quartile": r.result and r.result.low,
            "upper quartile": r.result and r.result.high,
            "disagree": "yes" if r.result and r.result.disagree else "",
            "comments": "; ".join(s.comment for s in r.result.comments) if r.result else "",
        }
        for r in record.ratings
    ]  # fmt: skip
    steps = [
        {
            "quarter": s.first, "until": s.last, "what": s.words, "euros": s.euros, "person-weeks": s.person_weeks,
            "after": ", ".join(s.needs),
        }
        for s in record.roadmap.plan.steps
    ]  # fmt: skip
    profile = [
        {"field": k.field, "value": json.dumps(k.value, ensure_ascii=False), "settled by": k.by or "the room"}
        for k in record.profile
        if k.value is not None
    ]
    people = [
        {"name": p.name, "role": p.role, "joined": p.joined_at, "shown out": "yes" if p.left else ""}
        for p in record.people
    ]
    return {
        "about": [{"what": k, "value": v} for k, v in about.items()],
        "decisions": _decided(record), "ratings": ratings, "profile": profile, "roadmap": steps, "people": people,
    }  # fmt: skip


def _cell(value: Any) -> Any:
    """A value that a spreadsheet takes, and does not take for a formula."""
    return safe(_CONTROL.sub(" ", value)) if isinstance(value, str) else value


FORMATS: Mapping[str, tuple[str, str, Write]] = {
    "markdown": ("text/markdown; charset=utf-8", "md", to_markdown),
    "json": ("application/json", "json", to_json),
    "csv": ("text/csv; charset=utf-8", "csv", to_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", to_xlsx),
}
"""Media type, file name ending and writer of each format."""
