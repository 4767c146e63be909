"""The first page."""

from __future__ import annotations

from collections.abc import Iterator

from api.pages import hooks
from api.pages.page import Page, Site
from api.pages.text import bullets, plain, section


def pages(site: Site) -> Iterator[Page]:
    """The one page."""
    catalogue = site.catalogue
    live = [s for s in catalogue.solutions if s.retired is None]
    limits = [x for x in catalogue.limitations if x.retired is None]
    text = (
        "# Which data-management solutions can *we* actually use? { .pv-title }\n\n"
        "Teams that run deep learning in production mostly fail on their data, and the answers in the literature mostly stay unused: too "
        "expensive, no skills or infrastructure for them, only half a solution, or wrong for the case. Provender tells an organisation "
        "which of them are feasible *for it*, why, and why the others are not.\n{ .pv-lead }\n\n"
        f'<ul class="pv-totals"><li><a href="/challenges/"><b>{len(catalogue.challenges)}</b> challenges</a></li>'
        f'<li><a href="/solutions/"><b>{len(live)}</b> solutions</a></li>'
        f'<li><a href="/factors/"><b>{len(limits)}</b> limitations</a></li>'
        f'<li><a href="/articles/"><b>{len(catalogue.articles)}</b> articles</a></li></ul>\n\n'
    )
    text += "".join(picture(site) for picture in hooks.HOME)
    text += section("What is from the study and what is ours", bullets(map(plain, catalogue.edition.honesty)) + (
        "\n[Provenance](/provenance.md) says it record by record, [method](/method.md) how an answer is made.\n"
    ), "honesty")  # fmt: skip
    text += section("For whom", bullets([
        "**Leads with a struggling model:** start from what you see, in [the challenges](/challenges.md), and read a solution's "
        "considerations before its promises; `provender recommend` weighs them for your organisation.",
        "**Researchers and curators:** every record has a permanent address, its sources, and twins as JSON, Turtle and Markdown; "
        "[download everything](/downloads.md) or [ask the graph](/sparql.md).",
        "**Programs:** the [HTTP API](/api.md) answers the same questions.",
    ]), "for-whom")  # fmt: skip
    yield Page(
        "index.md", "Provender", text, "Which data-management solutions for deep learning are feasible for your organisation, and why.",
        hide=("navigation", "toc"),
    )  # fmt: skip
