"""What every record's page ends with: where it comes from, its data, and how to cite it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.pages import cite
from api.pages.page import Site
from api.pages.text import bullets, folded, plain, section
from kb.iri import BASE

if TYPE_CHECKING:
    from kb.records import Evidence


def retired(site: Site, record: Any, kind: str) -> str:
    """Says that a record is retired, if it is."""
    if record.retired is None:
        return ""
    by = record.retired.replaced_by
    shown = {"challenge": site.challenges, "solution": site.solutions}[kind]
    instead = f" It is replaced by {getattr(site, kind)(by)}." if by in shown else ""
    return f"**Retired on {record.retired.on}:** {plain(record.retired.why)}{instead}\n\n"


def about(site: Site, kind: str, record: Any, title: str, parts: Sequence[tuple[str, str]] = ()) -> str:
    """The section on the record itself.

    Args:
        site: the release.
        kind: of the record.
        record: which.
        title: what it is cited by.
        parts: records, by kind and id, that its page shows as well.
    """
    lines = [f"**Basis:** {plain(site.label('basis', record.basis))}. {plain(site.says('basis', record.basis))}"]
    status = "in use" if getattr(record, "retired", None) is None else "retired"
    if hasattr(record, "reviewed"):
        review = record.reviewed
        by = f"by {plain(review.by)} on {review.on}" if review.by else "not yet, by any human expert"
        lines += [f"**Status:** {status}", f"**Reviewed:** {by}"]
    change = site.changed((kind, record.id), *parts)
    if change is not None:
        fields = f" ({plain(', '.join(change['fields']))})" if change["fields"] else ""
        part = (change["kind"], change["id"]) != (kind, record.id)
        what = f" {plain(change['kind'])} {plain(change['id'])}" if part else ""
        lines.append(
            f"**Last change:** release {change['version']}, {change['change']}{what}{fields}; "
            f"see the [changelog](/changelog.md)"
        )
    file = site.file(kind, record.id)
    where = f"[`{file}`]({site.repository}/edit/main/{file})" if site.repository else f"`{file}`"
    lines.append(f"**{'Edit' if site.repository else 'Source'}:** {where}; [how to propose a change](/contributing.md)")
    lines.append(f"**Permanent identifier:** `{BASE}{kind}/{record.id}`")
    cited = f"```bibtex\n{cite.bibtex(site, kind, record.id, title)}```"
    return section("About this record", f"{bullets(lines)}\n{folded('Cite this record', cited)}", "about")


def evidence(site: Site, held: Sequence[Evidence]) -> str:
    """What a statement rests on, as a list."""
    return bullets(_piece(site, one) for one in held)


def _piece(site: Site, one: Evidence) -> str:
    stance = {"supports": "", "against": " *against*", "context": " *for context*"}[one.stance]
    says = f": {plain(one.says)}" if one.says else ""
    seen = []
    if one.source:
        seen.append(site.article(one.source))
    if one.where:
        seen.append(f"seen in [{plain(one.where)}]({one.url})" if one.url else f"seen in {plain(one.where)}")
    rests = f" — {', '.join(seen)}" if seen else ""
    kind = plain(site.label("evidence", one.kind))
    return f'<span class="pv-evidence">{kind}</span>{stance}{says}{rests}'
