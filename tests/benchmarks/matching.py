"""How well plain words find their challenge: ours against four peers fitted on the same texts, on statements written apart from them.

The development half was looked at while the matcher was made; the test half was not. Three authors wrote them; that of the test half saw
nothing of the catalogue but the challenges' definitions.

    python -m tests.benchmarks.matching [development] [test]
"""

from __future__ import annotations

import gzip
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

import yaml

from engine.fit import fit, long, short, whole
from engine.matching import Index, match
from kb.home import validated
from kb.records import Catalogue
from tests.conftest import DATA

HALVES = ("development", "test")
BM25, OURS = "BM25 (bm25s)", "ours"
Statement = tuple[str | None, str]
Rank = Callable[[str], list[str]]


def statements(half: str) -> list[Statement]:
    """Pairs of challenge (None where the text is about something else) and text."""
    held = yaml.safe_load((DATA / "evaluation" / f"{half}.yaml").read_text(encoding="utf-8"))
    return [(e["challenge"], e["says"]) for e in held]


def places(rank: Rank, held: list[Statement]) -> list[int]:
    """At which place, from 1, each statement that speaks of a challenge finds it."""
    return [rank(text).index(challenge) + 1 for challenge, text in held if challenge is not None]


def measure(found: list[int]) -> dict[str, float]:
    """Recall at 1 and 3, mean reciprocal rank and nDCG."""
    return {
        "recall@1": statistics.mean(p == 1 for p in found),
        "recall@3": statistics.mean(p <= 3 for p in found),
        "MRR": statistics.mean(1 / p for p in found),
        "nDCG": statistics.mean(1 / math.log2(p + 1) for p in found),
    }


def milliseconds(rank: Rank, held: list[Statement], rounds: int = 5) -> float:
    """The median over statements of the best of some rounds, tokenising and ordering included."""
    best = [math.inf] * len(held)
    for _ in range(rounds):
        for at, (_, text) in enumerate(held):
            start = time.perf_counter()
            rank(text)
            best[at] = min(best[at], time.perf_counter() - start)
    return 1000 * statistics.median(best)


def rankers(catalogue: Catalogue, index: Index) -> dict[str, Rank]:
    """The peers, all fitted on the same texts of the challenges: four by whole texts, one trained on each text by itself."""
    import bm25s
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize

    ids = [c.id for c in catalogue.challenges]
    texts = [whole(c) for c in catalogue.challenges]
    bm25 = bm25s.BM25()
    bm25.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    plain = TfidfVectorizer().fit(texts)
    matrix = plain.transform(texts)
    lsa = TruncatedSVD(15, random_state=0).fit(matrix)
    reduced = normalize(lsa.transform(matrix))
    each = [(at, t) for at, c in enumerate(catalogue.challenges) for t in [*short(c), *long(c)]]
    passages = TfidfVectorizer(sublinear_tf=True).fit(t for _, t in each)
    regression = LogisticRegression(C=10, max_iter=500).fit(
        passages.transform(t for _, t in each), [at for at, _ in each]
    )

    def by_bm25(text: str) -> list[str]:
        found, _ = bm25.retrieve(bm25s.tokenize([text], show_progress=False), k=len(ids), show_progress=False)
        return [ids[at] for at in found[0]]

    def by_tfidf(text: str) -> list[str]:
        return [ids[at] for at in (-(matrix @ plain.transform([text]).T).toarray().ravel()).argsort(kind="stable")]

    def by_lsa(text: str) -> list[str]:
        near = reduced @ normalize(lsa.transform(plain.transform([text]))).T
        return [ids[at] for at in (-near.ravel()).argsort(kind="stable")]

    def by_regression(text: str) -> list[str]:
        return [ids[at] for at in (-regression.decision_function(passages.transform([text]))[0]).argsort(kind="stable")]

    def ours(text: str) -> list[str]:
        return [m.challenge for m in match(index, text)]

    return {
        BM25: by_bm25,
        "TF-IDF, words": by_tfidf,
        "LSA, 15 dimensions": by_lsa,
        "logistic regression": by_regression,
        OURS: ours,
    }


def report(half: str, found: dict[str, Rank], index: Index) -> None:
    """Print the table of one half, the misses, and how many matches are confident."""
    held = statements(half)
    about = sum(c is not None for c, _ in held)
    print(f"\n{half}: {about} statements, {len(held) - about} unrelated texts")
    print(f"{'':22}{'recall@1':>10}{'recall@3':>10}{'MRR':>10}{'nDCG':>10}{'ms a query':>12}")
    missed = {}
    for name, rank in found.items():
        at = places(rank, held)
        missed[name] = sum(p > 3 for p in at)
        figures = "".join(f"{v:10.3f}" for v in measure(at).values())
        print(f"{name:22}{figures}{milliseconds(rank, held):12.3f}")
    fewer = 1 - missed[OURS] / missed[BM25] if missed[BM25] else 0.0
    print(f"misses at 3: ours {missed[OURS]}, BM25 {missed[BM25]} ({fewer:.0%} fewer)")
    first = [(c, match(index, text)[0]) for c, text in held]
    sure = [(c, m) for c, m in first if m.confident]
    right = sum(m.challenge == c for c, m in sure)
    print(f"ours, confident: {sum(c is not None for c, _ in sure)} statements, first right in {right}; ", end="")
    print(f"{sum(c is None for c, _ in sure)} unrelated texts")


def main(halves: list[str]) -> None:
    """Print the tables and the size of the index."""
    catalogue = validated(DATA)
    start = time.perf_counter()
    index = fit(catalogue)
    took = time.perf_counter() - start
    written = json.dumps(asdict(index), ensure_ascii=False, separators=(",", ":")).encode()
    packed = len(gzip.compress(written, mtime=0))
    print(f"index: {len(written) / 1000:.0f} kB of JSON, {packed / 1000:.0f} kB gzipped, fitted in {took:.2f} s")
    found = rankers(catalogue, index)
    for half in halves:
        report(half, found, index)


if __name__ == "__main__":
    main(sys.argv[1:] or list(HALVES))
