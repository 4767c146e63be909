from __future__ import annotations

import base64
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import codec, strict
from api.settings import Settings
from api.web.answers.models import RecommendationRequest
from api.web.answers.routes import address
from kb.profiles import profile_from
from kb.records import Catalogue
from tests.generators import random_profile

VERSION = "2026.11.1"
_WEIGHT = st.one_of(st.floats(0, 1), st.sampled_from([1e-7, 1e-5, 1e-4, 0.1, 1 / 3, 1.0]))


def _profile(catalogue: Catalogue, seed: int, weight: float, text: str) -> dict[str, Any]:
    raw = random_profile(catalogue, random.Random(seed))
    return {**raw, "prefer": {"quick": weight}, "label": text, "about": None}


@given(seed=st.integers(0, 2**32), weight=_WEIGHT, text=st.text(st.characters(codec="utf-8")))
def test_a_random_profile_comes_back_in_meaning(catalogue: Catalogue, seed: int, weight: float, text: str) -> None:
    raw = _profile(catalogue, seed, weight, text)
    word = codec.encode(raw, VERSION)
    held = codec.decode(word)
    assert held.catalogue == VERSION
    assert profile_from(held.profile, catalogue) == profile_from(raw, catalogue)
    assert codec.encode(held.profile, VERSION) == word


@given(seed=st.integers(0, 2**32))
def test_random_order_and_repeats_change_nothing(catalogue: Catalogue, seed: int) -> None:
    rng = random.Random(seed)
    raw = random_profile(catalogue, rng)
    members = list(raw.items())
    rng.shuffle(members)
    other = {k: rng.sample(v, len(v)) + v[:1] if isinstance(v, list) else v for k, v in members}
    assert codec.encode(other, VERSION) == codec.encode(raw, VERSION)


def test_it_is_of_characters_that_no_address_has_to_escape(catalogue: Catalogue) -> None:
    word = codec.encode(_profile(catalogue, 1, 0.5, "Büro ÷ 🙂"), VERSION)
    assert all(c.isascii() and (c.isalnum() or c in "-._") for c in word)


_AS_JAVASCRIPT = [
    (
        1e-07,
        "B\xfcro",
        "eyJsYWJlbCI6IkLDvHJvIiwicHJlZmVyIjp7InF1aWNrIjoxZS03fSwic2tpbGxzIjpbImRhdGEtZW5naW5lZXJpbmciLCJzdGF0aXN0aWNzIl19",
    ),
    (
        1.5e-06,
        "\n\x7f\x01",
        "eyJsYWJlbCI6Ilxuf1x1MDAwMSIsInByZWZlciI6eyJxdWljayI6MC4wMDAwMDE1fSwic2tpbGxzIjpbImRhdGEtZW5naW5lZXJpbmciLCJzdGF0aXN0aWNzIl19",
    ),
    (
        1.234e-05,
        "\U0001f642 \u2028",
        "eyJsYWJlbCI6IvCfmYIg4oCoIiwicHJlZmVyIjp7InF1aWNrIjowLjAwMDAxMjM0fSwic2tpbGxzIjpbImRhdGEtZW5naW5lZXJpbmciLCJzdGF0aXN0aWNzIl19",
    ),
    (
        0.1,
        "\xf7",
        "eyJsYWJlbCI6IsO3IiwicHJlZmVyIjp7InF1aWNrIjowLjF9LCJza2lsbHMiOlsiZGF0YS1lbmdpbmVlcmluZyIsInN0YXRpc3RpY3MiXX0",
    ),
    (
        0.3333333333333333,
        '\\"',
        "eyJsYWJlbCI6IlxcXCIiLCJwcmVmZXIiOnsicXVpY2siOjAuMzMzMzMzMzMzMzMzMzMzM30sInNraWxscyI6WyJkYXRhLWVuZ2luZWVyaW5nIiwic3RhdGlzdGljcyJdfQ",
    ),
    (
        1.0,
        "\xff>?~",
        "eyJsYWJlbCI6IsO_Pj9-IiwicHJlZmVyIjp7InF1aWNrIjoxfSwic2tpbGxzIjpbImRhdGEtZW5naW5lZXJpbmciLCJzdGF0aXN0aWNzIl19",
    ),
    (
        0,
        "\ue000\uffff",
        "eyJsYWJlbCI6Iu6AgO-_vyIsInByZWZlciI6eyJxdWljayI6MH0sInNraWxscyI6WyJkYXRhLWVuZ2luZWVyaW5nIiwic3RhdGlzdGljcyJdfQ",
    ),
]
"""Weights and labels of a profile, and the payload that Node.js 20 makes of it by the steps that `api.codec` describes."""


@pytest.mark.parametrize(("weight", "label", "payload"), _AS_JAVASCRIPT)
def test_javascript_writes_the_same(weight: float, label: str, payload: str) -> None:
    skills = ["statistics", "data-engineering", "statistics"]
    profile = {"prefer": {"quick": weight}, "skills": skills, "label": label, "about": None}
    assert codec.encode(profile, VERSION) == f"1.{VERSION}.{payload}"


def _word(content: bytes) -> str:
    return f"1.{VERSION}.{base64.urlsafe_b64encode(content).decode().rstrip('=')}"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "its form is ''"),
        ("2.2026.11.1.e30", "its form is '2'"),
        ("1.e30", "with dots between"),
        (f"1.{VERSION}.e30=", "with dots between"),
        (f"1.{VERSION}.e3 0", "with dots between"),
        (f"1.{VERSION}.e3é0", "with dots between"),
        (f"1.{VERSION}.e30\n", "with dots between"),
        (f"1.{VERSION}.a", "not base64url"),
        (f"1.{VERSION}.{'A' * codec.MOST}", "send it by POST"),
        (_word(b"\xff\xfe"), "not UTF-8"),
        (_word(b'{"budget"'), "line 1, column 10"),
        (_word(b"[]"), "does not hold a profile"),
        (_word(b'{"a": NaN}'), "NaN"),
        (_word(b'{"a": 1, "a": 2}'), "given twice"),
        (_word(b'{"a": "\\ud800"}'), "surrogate"),
        (_word(b"[" * 11_000), "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_told(word: str, said: str) -> None:
    with pytest.raises(codec.CodeError) as caught:
        codec.decode(word)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        (b"{'a': 1}", "line 1, column 2"),
        (b"[1, Infinity]", "Infinity is not a number"),
        (b"[1e999]", "out of range"),
        (b"[" + b"9" * 5000 + b"]", "out of range"),
        ('"a"'.encode("utf-16"), "not UTF-8"),
    ],
)
def test_strict_reading_refuses(content: bytes, said: str) -> None:
    with pytest.raises(strict.StrictError) as caught:
        strict.loads(content)
    assert said in str(caught.value)


def test_strict_reading_takes_whole_numbers_however_written() -> None:
    read = strict.loads(b"[4.0, -0.0, 1e2, 0.5, 12345678901234567890]")
    assert read == [4, 0, 100, 0.5, 12345678901234567000.0]
    assert [type(n) for n in read] == [int, int, int, float, float]


def test_what_goes_into_a_link_goes_through_the_server(catalogue: Catalogue) -> None:
    asked = RecommendationRequest(
        profile={}, weights={c.id: 0.1 + 0.2 / 3 for c in catalogue.criteria}, margin=0.1 + 0.2, first=1000
    )
    options = len(address(asked, VERSION)) - len(codec.encode({}, VERSION))
    assert codec.MOST + options <= Settings().url_bytes
