"""The engine in the browser gives Python's answers: the same verdicts, order, scores, words, faults and links."""

from __future__ import annotations

import base64
import json
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from pydantic import TypeAdapter

from api import codec, strict
from api.hearing import heard
from engine.answer import Answer
from engine.bundle import bundle
from engine.comparison import Comparison, compare
from engine.compiled import Compiled
from engine.explanation import Explanation, explain
from engine.fit import fit
from engine.matching import Index, match
from engine.questions import Interview, interview
from engine.recommendation import recommend
from engine.score import reweighted
from engine.tokens import FOLD, GRAM, features
from kb.profiles import profile_from
from kb.records import Catalogue
from kb.records.profile import Profile, ProfileError
from tests.conftest import EDITION
from tests.engine.test_matching import VECTORS
from tests.generators import catalogues
from tests.site.cases import (
    phrases_of,
    random_case,
    random_means,
    random_mistake,
    random_options,
    random_text,
    same,
    with_random_clashes,
)
from tests.site.engine import ENGINE, PAGE, POLICY, ask, open_page

_PLAIN: dict[type, TypeAdapter[Any]] = {
    t: TypeAdapter(t) for t in (Answer, Comparison, Explanation, Interview, Profile)
}


def plain(told: Any) -> Any:
    """An answer as JSON has it."""
    return _PLAIN[type(told)].dump_python(told, mode="json")


class Python:
    """The engine that the browser has to agree with."""

    def __init__(self, catalogue: Catalogue, compiled: Compiled, index: Index) -> None:
        self.catalogue, self.compiled, self.index = catalogue, compiled, index
        self.phrases = phrases_of(catalogue) or ["x"]

    def bundle(self) -> dict[str, Any]:
        return bundle(self.catalogue, self.compiled, self.index)

    def profile(self, raw: Any) -> Profile:
        return profile_from(raw, self.catalogue)

    def judged(self, raw: Any) -> Any:
        """The normal form, or all faults in some order."""
        try:
            return same(plain(self.profile(raw)))
        except ProfileError as error:
            return sorted([".".join(map(str, p.where)), p.message] for p in error.problems)

    def assumed(self, profile: Profile) -> tuple[str, ...]:
        return heard(self.index, profile.problem)[0]

    def recommend(self, raw: Any, options: dict[str, Any]) -> Any:
        profile = self.profile(raw)
        assumed, resembles = heard(self.index, profile.problem)
        weights = reweighted(self.compiled.weights, options["weights"]) if "weights" in options else None
        told = recommend(self.compiled, profile, assumed, resembles=resembles, **{**options, "weights": weights})
        return {**plain(told), "stability": None}


@pytest.fixture(scope="package")
def python(catalogue: Catalogue, compiled: Compiled) -> Python:
    return Python(catalogue, compiled, fit(catalogue))


@pytest.fixture(scope="package")
def page(browser: Browser, python: Python, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = open_page(browser, tmp_path_factory.mktemp("planner"), ENGINE / "index.js", python.bundle())
    page.evaluate("() => { globalThis.engine = Provender.open(Provender.bundle); }")
    yield page
    page.close()


@pytest.mark.parametrize("seed", range(8))
def test_whole_answers_to_random_profiles_are_equal(page: Page, python: Python, seed: int) -> None:
    rng = random.Random(seed)
    cases = [same([random_case(python.catalogue, rng, python.phrases), random_options(rng)]) for _ in range(250)]
    told = ask(page, "([raw, options]) => engine.recommend(raw, options)", cases)
    for case, answer in zip(cases, told, strict=True):
        assert answer == python.recommend(*case)


def test_explanations_interviews_and_comparisons_are_equal(page: Page, python: Python) -> None:
    rng = random.Random(1)
    raws = [random_case(python.catalogue, rng, python.phrases) for _ in range(50)]
    raws += [random_means(python.catalogue, rng) for _ in range(40)]
    cases = []
    for raw in raws:
        asked = {
            "answered": rng.sample(python.compiled.vocabulary.facets, rng.choice([0, 3])),
            "top": rng.choice([1, 5, 5, 60]),
        }
        cases.append(same([raw, rng.choice(raws), asked, rng.sample(sorted(python.compiled.options), 6)]))
    function = """([raw, other, asked, solutions]) => ({
      interview: engine.interview(raw, asked), compare: engine.compare(raw, other), explain: solutions.map((s) => engine.explain(raw, s)),
    })"""
    seen = dict.fromkeys(("question", "unlocks", "no_unlock", "because"), 0)
    for (raw, other, asked, solutions), told in zip(cases, ask(page, function, cases), strict=True):
        profile = python.profile(raw)
        asks = interview(python.compiled, profile, python.assumed(profile), frozenset(asked["answered"]), asked["top"])
        shifts = compare((python.compiled, profile), (python.compiled, python.profile(other)))
        explained = [explain(python.compiled, profile, s) for s in solutions]
        assert told["interview"] == plain(asks)
        assert told["compare"] == plain(shifts)
        assert told["explain"] == [plain(e) for e in explained]
        seen["question"] += asks.question is not None
        seen["unlocks"] += sum(len(e.unlocks) for e in explained)
        seen["no_unlock"] += sum(e.no_unlock is not None for e in explained)
        seen["because"] += sum(len(s.because) for s in shifts.shifts)
    assert min(seen.values()) > 25, seen


@given(generated=catalogues(), seed=st.integers(0, 2**32))
def test_answers_are_equal_in_any_catalogue(page: Page, generated: Catalogue, seed: int) -> None:
    python, rng = Python(generated, Compiled(generated), fit(generated)), random.Random(seed)
    raws = [random_case(generated, rng, python.phrases) for _ in range(4)]
    solutions = sorted(python.compiled.options)
    function = """([bundle, raws, solutions]) => { const own = Provender.open(bundle); return raws.map((raw) => ({
      recommend: own.recommend(raw), interview: own.interview(raw), compare: own.compare(raws[0], raw),
      explain: solutions.map((s) => own.explain(raw, s)),
    })); }"""
    [told] = ask(page, function, [[python.bundle(), raws, solutions]])
    first = python.profile(raws[0])
    for raw, answer in zip(same(raws), told, strict=True):
        profile = python.profile(raw)
        assert answer == {
            "recommend": python.recommend(raw, {}),
            "interview": plain(interview(python.compiled, profile, python.assumed(profile))),
            "compare": plain(compare((python.compiled, first), (python.compiled, profile))),
            "explain": [plain(explain(python.compiled, profile, s)) for s in solutions],
        }


def test_unlocks_that_overlap_are_equal(page: Page, python: Python) -> None:
    rng, unlocks = random.Random(8), 0
    for _ in range(2):
        changed = with_random_clashes(python.catalogue, rng)
        other = Python(changed, Compiled(changed), python.index)
        raws = [random_means(changed, rng) for _ in range(4)]
        function = """([bundle, raws, solutions]) => { const own = Provender.open(bundle); return raws.map((raw) =>
          [own.recommend(raw), solutions.map((s) => own.explain(raw, s))]); }"""
        solutions = sorted(other.compiled.options)
        [told] = ask(page, function, [[other.bundle(), raws, solutions]])
        for raw, answer in zip(raws, told, strict=True):
            explained = [explain(other.compiled, other.profile(raw), s) for s in solutions]
            assert answer == [other.recommend(raw, {}), [plain(e) for e in explained]]
            unlocks += sum(len(e.unlocks) for e in explained)
    assert unlocks > 300


def test_random_texts_from_all_of_unicode_are_matched_equally(page: Page, python: Python) -> None:
    rng = random.Random(2)
    texts = [random_text(rng, python.phrases) for _ in range(2500)]
    told = ask(page, "(text) => engine.match(text).map((m) => [m.challenge, m.score, m.confident])", texts)
    expected = [[[m.challenge, m.score, m.confident] for m in match(python.index, text)] for text in texts]
    assert told == expected
    assert sum(found[0][2] for found in expected) > 100


def test_bad_profiles_have_the_same_faults_and_good_ones_the_same_normal_form(page: Page, python: Python) -> None:
    rng = random.Random(3)
    raws = [same(random_mistake(python.catalogue, rng)) for _ in range(800)]
    raws += [same(random_case(python.catalogue, rng, python.phrases)) for _ in range(200)]
    function = """(raw) => {
      try { return engine.parse(raw); } catch (e) { return e.faults.map((f) => [f.field, f.message]); }
    }"""
    judged = [python.judged(raw) for raw in raws]
    for raw, told, expected in zip(raws, ask(page, function, raws), judged, strict=True):
        assert (sorted(told) if isinstance(told, list) else told) == expected, raw
    assert sum(len(j) for j in judged if isinstance(j, list)) > 800
    assert sum(isinstance(j, dict) for j in judged) > 200


@pytest.mark.parametrize("weights", [{"dept": 1}, {"depth": 1.5}, {"depth": -1e-7}, {"depth": 0.75, "breadth": 0.5}])
def test_weights_are_refused_in_the_same_words(page: Page, python: Python, weights: dict[str, float]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        reweighted(python.compiled.weights, weights)
    function = "(weights) => { try { return engine.recommend({}, { weights }); } catch (e) { return e.message; } }"
    assert ask(page, function, [weights]) == [str(caught.value)]


def test_an_unknown_solution_is_refused_with_the_nearest(page: Page) -> None:
    function = "(s) => { try { return engine.explain({}, s); } catch (e) { return e.message; } }"
    [said, other] = ask(page, function, ["active_learning", None])
    assert said.startswith("there is no solution 'active_learning'; did you mean ")
    assert other.startswith("there is no solution None; use one of ")


def test_links_are_written_and_read_equally(page: Page, python: Python) -> None:
    rng = random.Random(4)
    cases = [same(random_case(python.catalogue, rng, python.phrases)) for _ in range(500)]
    raws = [
        {
            **raw,
            "problem": random_text(rng, python.phrases, broken=False),
            "1": [1e-7, -0.0, ["b", "a"]],
            "a": 9007199254740991,
        }
        for raw in cases
    ]
    told = ask(page, "(raw) => { const word = engine.encode(raw); return [word, engine.decode(word)]; }", raws)
    for raw, (word, held) in zip(raws, told, strict=True):
        assert word == codec.encode(raw, EDITION)
        assert held == linked_by(word)


def test_a_link_holds_no_half_of_a_surrogate_pair(page: Page) -> None:
    [word] = ask(page, "(raw) => engine.encode(raw)", [{"label": "a\ud800b\U0001f642"}])
    assert codec.decode(word).profile == {"label": "a\ufffdb\U0001f642"}


_CONTENTS = [
    b"\xff\xfe", b'{"budget"', b"[]", b"null", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": 1, "a": 2}', b'{"a": {"b": ":", "\\u0062": 1}}',
    b'{"a:b": "\\":{", "c": [{"d": 1}, {"d": 2}]}', b'{"a": "\\ud800"}', b'{"\\udc00": 1}', b'{"a": "\\ud83d\\ude42"}', b"\xef\xbb\xbf{}", b"[" * 20_000,
    b'{"__proto__": {"a": 1}, "1": 2}', b'{"a": 01}', b'{"a": "\n"}', b'{"a": -0, "b": 1.0, "c": 12345678901234567890}', b"{'a': 1}", b"",
]  # fmt: skip


def linked_by(word: str) -> Any:
    """What a word holds, or nothing if it is refused."""
    try:
        linked = codec.decode(word)
    except codec.CodeError:
        return None
    return {"catalogue": linked.catalogue, "profile": linked.profile}


def test_what_is_no_link_is_refused_by_both(page: Page, python: Python) -> None:
    rng = random.Random(5)
    good = [codec.encode(random_case(python.catalogue, rng, ["x"]) | {"problem": "é"}, EDITION) for _ in range(100)]
    words = [
        "",
        "2.2026.11.1.e30",
        "1.e30",
        "1.1.e30",
        "1.1.e31",
        "1.1.e3",
        f"1.{EDITION}.e30=",
        f"1.{EDITION}.e3 0",
        f"1.{EDITION}.e30\n",
        "1.1.é",
    ]
    words += [f"1.{EDITION}.a", f"1.{EDITION}.{'A' * codec.MOST}", "1.٣.e30", "1..e30", "1.1..e30", "1.1.30"]
    words += [f"1.1.{base64.urlsafe_b64encode(content).decode().rstrip('=')}" for content in _CONTENTS]
    for word in good:
        at = rng.randrange(len(word))
        words += [word[:at], word[:at] + rng.choice("A_-z.0é") + word[at + 1 :], word[:at] + word[at + 1 :]]
    function = "(word) => { try { return JSON.stringify(engine.decode(word)); } catch (e) { return e.name; } }"
    read = 0
    for word, told in zip(words, ask(page, function, words), strict=True):
        linked = linked_by(word)
        assert (None if told == "CodeError" else strict.loads(told.encode())) == linked, word
        read += linked is not None
    assert 10 < read < len(words) / 2


def test_the_tokeniser_keeps_to_its_specification(browser: Browser, tmp_path: Any) -> None:
    rng = random.Random(6)
    letters: dict[str, str] = {}
    for code, letter in FOLD.items():
        letters[letter] = letters.get(letter, "") + chr(code)
    page = open_page(browser, tmp_path, ENGINE / "tokens.js", {"fold": letters})
    texts = [text for text, _ in VECTORS] + [
        random_text(rng, ["no", "drift", "Übertragung", "3.5"]) for _ in range(500)
    ]
    function = f"(text) => {{ const {{ words, pairs, runs }} = Provender.tokeniser(Provender.bundle.fold, {GRAM})(text); return [words, pairs, runs]; }}"
    told = ask(page, function, texts)
    page.close()
    assert [words for words, _, _ in told[: len(VECTORS)]] == [expected for _, expected in VECTORS]
    assert told == [list(features(text)) for text in texts]


def test_numbers_are_rounded_summed_and_written_as_python_does(browser: Browser, tmp_path: Any) -> None:
    rng = random.Random(7)
    shares = [rng.random() for _ in range(2000)] + [n / 128 for n in range(129)] + [n / 2e6 for n in range(200)]
    sums = [[rng.choice([1, 1e-9, 1e9, 0.1]) * rng.random() for _ in range(rng.randint(0, 12))] for _ in range(1000)]
    sums += [[1e16, 1, 1e-16], [0.1] * 10, [1e308, -1e308, 1.5]]
    wide = [rng.random() * 10.0 ** rng.randint(-12, 18) for _ in range(1000)] + [
        0,
        1,
        100,
        1e5,
        999999.5,
        1e6,
        1e-4,
        0.00001,
    ]
    page = open_page(browser, tmp_path, ENGINE / "numbers.js", {})
    assert ask(page, "(x) => [Provender.round6(x), Provender.rint(x * 1e6)]", shares) == [
        [round(x, 6), round(x * 1e6)] for x in shares
    ]
    assert ask(page, "(all) => Provender.fsum(all)", sums) == [math.fsum(all_) for all_ in sums]
    assert ask(page, "(x) => Provender.repr(x)", wide) == [repr(x) for x in strict.loads(json.dumps(wide).encode())]
    assert ask(page, "(x) => Provender.general(x)", wide) == [f"{x:g}" for x in wide]
    assert ask(page, "(x) => Provender.commas(x)", [0, 999, 1000, 1234567]) == ["0", "999", "1,000", "1,234,567"]
    page.close()


def test_it_opens_from_a_site_whose_policy_allows_nothing_inline(
    browser: Browser, python: Python, tmp_path: Any
) -> None:
    open_page(browser, tmp_path, ENGINE / "index.js", python.bundle()).close()
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    policy = {"Content-Security-Policy": POLICY.replace(" file:", "")}
    page.route("http://site.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html", headers=policy))
    page.route("http://site.test/planner.js", lambda route: route.fulfill(path=tmp_path / "planner.js"))
    page.goto("http://site.test/")
    assert page.evaluate("() => Provender.open(Provender.bundle).version") == EDITION
    assert page.evaluate("() => Object.keys(Provender)") == ["bundle", "open"]
    page.close()
    assert said == []
