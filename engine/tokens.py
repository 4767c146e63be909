"""The matcher's tokeniser: a specification that every implementation of it must follow to the letter.

1. Fold: A–Z become a–z; each accented Latin letter of `FOLD` becomes the plain letters it stands for.
2. Every character that is not then a–z or 0–9 separates.
3. Tokens are the runs of a–z and 0–9 that are left.
4. Features are the tokens that are not in `STOP`, written ``w:token``; pairs of neighbours among them, written ``b:first second``;
   and, of each of them padded with one blank on either side, the runs of 4 characters, written ``c:runs``.

The table is data, so no implementation depends on the Unicode version of its platform.
"""

from __future__ import annotations

import itertools
import re

_GROUPS = {
    "a": "ÀÁÂÃÅàáâãåĀāĂăĄą", "ae": "ÄäÆæ", "c": "ÇçĆćČč", "d": "ĎďĐđÐð", "e": "ÈÉÊËèéêëĒēĖėĘęĚě", "g": "Ğğ", "i": "ÌÍÎÏìíîïĪīĮįİı",
    "l": "Łł", "n": "ÑñŃńŇň", "o": "ÒÓÔÕØòóôõøŌō", "oe": "ÖöŐőŒœ", "r": "Řř", "s": "ŚśŞşŠšȘș", "ss": "ß", "t": "ŢţŤťȚțÞþ",
    "u": "ÙÚÛùúûŪūŮůŰűŲų", "ue": "Üü", "y": "ÝýÿŸ", "z": "ŹźŻżŽž",
}  # fmt: skip
FOLD = {ord(accented): plain for plain, group in _GROUPS.items() for accented in group}
FOLD.update({ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
_STOP = (
    "a an and are as at be been but by can cannot could did do does for from get gets got had has have he her his "
    "how i if in into is it its me my no nor not of off on or our out own she so some such than that the their them "
    "then there these they this those to too up us very was we were what when where which while who why will with "
    "would you your "
)
STOP = frozenset(_STOP.split())
_RUNS = re.compile("[a-z0-9]+")
GRAM = 4


def tokens(text: str) -> list[str]:
    """Split a text into its tokens.

    >>> tokens("Naïve Übertragung: 3.5×")
    ['naive', 'uebertragung', '3', '5']
    """
    return _RUNS.findall(text.translate(FOLD))


def features(text: str) -> list[str]:
    """The features of a text, in order, repetitions kept."""
    kept = [t for t in tokens(text) if t not in STOP]
    found = [f"w:{t}" for t in kept]
    found += [f"b:{first} {second}" for first, second in itertools.pairwise(kept)]
    for token in kept:
        padded = f" {token} "
        found += [f"c:{padded[at : at + GRAM]}" for at in range(len(padded) - GRAM + 1)]
    return found
