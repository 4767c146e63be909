"""The marks that mean the same in every picture: a disc for coverage, steps for evidence, three fillings for effects."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, tostring

from api.pages.pictures.svg import element, text

FILLS = {"blocks": "solid", "reduces": "hatch", "warns": "hollow"}
"""How a bar is filled by effect, so that it can be told without colour."""


def disc(level: int, x: float, y: float, r: float) -> Element:
    """A disc filled by quarters: none, one for partial (1), three for substantial (2), all for full (3)."""
    parts = [element("circle", cx=x, cy=y, r=r, class_="pic-ring")]
    if level == 3:
        parts.append(element("circle", cx=x, cy=y, r=r, class_="pic-fill"))
    elif level:
        angle = (1 if level == 1 else 3) * math.pi / 2
        to = f"{x + r * math.sin(angle):.2f} {y - r * math.cos(angle):.2f}"
        path = f"M{x:.2f} {y:.2f}V{y - r:.2f}A{r:g} {r:g} 0 {int(level == 2)} 1 {to}Z"
        parts.append(element("path", d=path, class_="pic-fill"))
    return element("g", *parts)


def steps(level: int, of: int, x: float, y: float, height: float = 11) -> Element:
    """Rising bars, of which those up to `level`, counted from 1, are filled; `y` is their foot."""
    bars = [
        element("rect", x=x + at * 2.9, y=y - tall, width=2.1, height=tall, class_="pic-step-on" if at < level else "pic-step")
        for at in range(of)
        for tall in [height * (at + 2) / (of + 1)]
    ]  # fmt: skip
    return element("g", *bars)


def hatching(name: str) -> Element:
    """The pattern for a hatched filling, to stand once in each drawing that needs it."""
    line = element("path", d="M1.5 0V5", class_="pic-hatch-line")
    pattern = element(
        "pattern", line, id=f"{name}-hatch", width=5, height=5, patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )  # fmt: skip
    return element("defs", pattern)


def piece(name: str, effect: str, x: float, y: float, width: float, height: float) -> Element:
    """A piece of a bar, filled as its effect is."""
    kind = FILLS[effect]
    more = {"fill": f"url(#{name}-hatch)"} if kind == "hatch" else {}
    return element("rect", x=x, y=y, width=width, height=height, class_=f"pic-bar pic-bar--{kind}", **more)


def stack(name: str, held: Iterable[tuple[str, int]], x: float, y: float, scale: float) -> Iterator[Element]:
    """A bar in pieces with its sum after it."""
    total = 0
    for effect, n in held:
        if n:
            yield piece(name, effect, x + total * scale, y, n * scale, 15)
        total += n
    yield text(str(total), x + total * scale + 6, y + 12, "pic-n")


def effects_key(name: str, effects: Sequence[tuple[str, str]], x: float, y: float) -> Iterator[Element]:
    """What the fillings mean; `effects` are ids with labels."""
    for effect, label in effects:
        yield piece(name, effect, x, y - 9, 18, 10)
        yield text(label, x + 24, y)
        x += 44 + 6.6 * len(label)


_COVER, _PROOF, _HIGH = 25, 25, 16
"""Width of a mark's two halves, and its height, in pixels."""


def symbols(coverages: int, evidences: int) -> str:
    """Every mark once, for cells to refer to by `#pic-c1` and `#pic-e1` and so on; stands once on a page that shows marks."""
    held = [
        element("symbol", disc(n, 7, 8, 6), text(str(n), 15.5, 12, "pic-digit"), id=f"pic-c{n}", viewBox=f"0 0 {_COVER} {_HIGH}")
        for n in range(coverages + 1)
    ]  # fmt: skip
    box = f"0 0 {_PROOF} {_HIGH}"
    held += [
        element("symbol", steps(n, evidences, 0, 13.5), text(str(n), 18.5, 12, "pic-digit"), id=f"pic-e{n}", viewBox=box)
        for n in range(1, evidences + 1)
    ]  # fmt: skip
    return tostring(
        element("svg", *held, class_="pic-symbols", aria_hidden="true", width=0, height=0), encoding="unicode"
    )


def mark(coverage: int | None = None, evidence: int | None = None) -> str:
    """A coverage, a strength of evidence or both by shape and number, out of `symbols`; words must stand beside it."""
    used, x = [], 0
    for name, level, width in (("c", coverage, _COVER), ("e", evidence, _PROOF)):
        if level is not None:
            used.append(element("use", href=f"#pic-{name}{level}", x=x, y=0, width=width, height=_HIGH))
            x += width
    made = element(
        "svg", *used, class_="pic-mark", viewBox=f"0 0 {x} {_HIGH}", width=x, height=_HIGH, aria_hidden="true"
    )
    return tostring(made, encoding="unicode")
