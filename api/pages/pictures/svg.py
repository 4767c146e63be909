"""A drawing as an SVG element to stand in a page: no style in it, only classes, so that one style sheet serves light, dark and paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, tostring

from api.pages.text import html

Value = str | float


def element(tag: str, *children: Element | str, **attributes: Value) -> Element:
    """An element; a last underscore of an attribute's name is dropped, others become hyphens, and numbers are rounded to 2 decimals.

    >>> tostring(element("text", "a < b", class_="pic-x", text_anchor="end", x=1 / 3))
    b'<text class="pic-x" text-anchor="end" x="0.33">a &lt; b</text>'
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): _value(v) for name, v in attributes.items()})
    for child in children:
        if not isinstance(child, str):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def _value(value: Value) -> str:
    return value if isinstance(value, str) else f"{round(value, 2):g}"


def text(said: str, x: float, y: float, class_: str = "pic-t", **more: Value) -> Element:
    """One line of text."""
    return element("text", said, x=x, y=y, class_=class_, **more)


def lines(
    said: str, width: int, x: float, y: float, class_: str = "pic-t", pitch: float = 14, **more: Value
) -> Element:
    """Text broken at a number of letters; `y` is the base line of the first."""
    parts = [element("tspan", line, x=x, y=y + at * pitch) for at, line in enumerate(broken(said, width))]
    return element("text", *parts, class_=class_, **more)


def broken(said: str, width: int) -> Sequence[str]:
    """Text in lines of at most so many letters."""
    return textwrap.wrap(said, width, break_long_words=False)


def linked(target: str, *children: Element, **attributes: Value) -> Element:
    """A link to a page, counted from the top."""
    return element("a", *children, href=target, **attributes)


def drawing(
    name: str, title: str, about: str, size: tuple[float, float], parts: Iterable[Element], links: bool = False
) -> str:
    """The whole SVG element on one line.

    Args:
        name: begins the identifiers in it; must differ between the drawings of a page.
        title: what it is.
        about: what it shows, for those who don't see it.
        size: width and height in CSS pixels at which its letters have the size of the page's small print.
        parts: what is drawn, in order.
        links: whether it holds links; then it is a group to a screen reader, as what is inside an image cannot be reached.
    """
    width, height = size
    made = element(
        "svg", element("title", title, id=f"{name}-title"), element("desc", about, id=f"{name}-about"), *parts,
        class_="pic-svg", viewBox=f"0 0 {width:g} {height:g}", width=width, height=height,
        role="group" if links else "img", aria_labelledby=f"{name}-title", aria_describedby=f"{name}-about",
    )  # fmt: skip
    return tostring(made, encoding="unicode")


def figure(drawn: str, caption: str, label: str = "") -> str:
    """A drawing in a page, with a caption under it.

    A drawing that may be wider than a telephone has a `label` and scrolls by itself.
    """
    held = (
        f'<div class="pic-scroll" tabindex="0" role="region" aria-label="{html(label)}">{drawn}</div>'
        if label
        else drawn
    )
    under = f"<figcaption>{html(caption)}</figcaption>" if caption else ""
    return f'<figure class="pic-figure" data-search-exclude>{held}{under}</figure>\n\n'
