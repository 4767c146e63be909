"""The matcher's tokeniser: a specification that every implementation of it must follow to the letter.

1. Fold: A–Z become a–z; each accented Latin letter of `FOLD` becomes the plain letters it stands for.
2. Every character that is not then a–z or 0–9 separates.
3. Words are the runs of a–z and 0–9 that are left, in order; none is left out, for "no longer" and "used to" say much.
4. Pairs are neighbouring words with one blank between them, punctuation between them or not.
5. Runs are, of each word of at least 4 characters padded with one blank on either side, all pieces of 4 characters.

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
_RUNS = re.compile("[a-z0-9]+")
GRAM = 4


def tokens(text: str) -> list[str]:
    """Split a text into its tokens.

    >>> tokens("Naïve Übertragung: 3.5×")
    ['naive', 'uebertragung', '3', '5']
    """
    return _RUNS.findall(text.translate(FOLD))


def features(text: str) -> tuple[list[str], list[str], list[str]]:
    """The words, pairs and runs of a text, in order, repetitions kept.

    >>> features("no drift")
    (['no', 'drift'], ['no drift'], [' dri', 'drif', 'rift', 'ift '])
    """
    words = tokens(text)
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    padded = [f" {word} " for word in words if len(word) >= GRAM]
    return words, pairs, [p[at : at + GRAM] for p in padded for at in range(len(p) - GRAM + 1)]
