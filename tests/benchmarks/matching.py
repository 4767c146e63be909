"""How well plain words find their challenge: ours against BM25, plain TF-IDF and LSA, on statements written apart from the catalogue.

The development half was looked at while the matcher was made; the test half was not. Each was written by another author.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable

import yaml

from engine.fit import fit, whole
from engine.matching import match
from kb.home import validated
from tests.conftest import DATA

Rank = Callable[[str], list[str]]


def statements(half: str) -> list[tuple[str | None, str]]:
    """Pairs of challenge (None where the text is about something else) and text."""
    held = yaml.safe_load((DATA / "evaluation" / f"{half}.yaml").read_text(encoding="utf-8"))
    return [(e["challenge"], e["says"]) for e in held]


def measure(rank: Rank, held: list[tuple[str | None, str]]) -> dict[str, float]:
    """Recall at 1 and 3, mean reciprocal rank and nDCG over the statements that speak of a challenge."""
    places = [rank(text).index(challenge) + 1 for challenge, text in held if challenge is not None]
    return {
        "recall@1": statistics.mean(p == 1 for p in places),
        "recall@3": statistics.mean(p <= 3 for p in places),
        "MRR": statistics.mean(1 / p for p in places),
        "nDCG": statistics.mean(1 / math.log2(p + 1) for p in places),
    }


def rankers() -> dict[str, Rank]:
    """The peers, all fitted on the same texts of the challenges."""
    import bm25s
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    catalogue = validated(DATA)
    ids = [c.id for c in catalogue.challenges]
    texts = [whole(c) for c in catalogue.challenges]
    bm25 = bm25s.BM25()
    bm25.index(bm25s.tokenize(texts, show_progress=False), show_progress=False)
    plain = TfidfVectorizer().fit(texts)
    matrix = plain.transform(texts)
    lsa = TruncatedSVD(15, random_state=0).fit(matrix)
    reduced = normalize(lsa.transform(matrix))
    index = fit(catalogue)

    def by_bm25(text: str) -> list[str]:
        found, _ = bm25.retrieve(bm25s.tokenize([text], show_progress=False), k=len(ids), show_progress=False)
        return [ids[at] for at in found[0]]

    def by_tfidf(text: str) -> list[str]:
        return [ids[at] for at in (-(matrix @ plain.transform([text]).T).toarray().ravel()).argsort(kind="stable")]

    def by_lsa(text: str) -> list[str]:
        return [
            ids[at]
            for at in (-(reduced @ normalize(lsa.transform(plain.transform([text]))).T).ravel()).argsort(kind="stable")
        ]

    def ours(text: str) -> list[str]:
        return [m.challenge for m in match(index, text)]

    return {"BM25 (bm25s)": by_bm25, "TF-IDF, words": by_tfidf, "LSA, 15 dimensions": by_lsa, "ours": ours}


def main() -> None:
    """Print the table."""
    found = rankers()
    for half in ("development", "test"):
        held = statements(half)
        print(
            f"\n{half}: {sum(c is not None for c, _ in held)} statements, {sum(c is None for c, _ in held)} unrelated texts"
        )
        print(f"{'':22}{'recall@1':>10}{'recall@3':>10}{'MRR':>10}{'nDCG':>10}{'ms a query':>12}")
        for name, rank in found.items():
            values = measure(rank, held)
            times = []
            for _, text in held:
                start = time.perf_counter()
                rank(text)
                times.append(time.perf_counter() - start)
            print(
                f"{name:22}"
                + "".join(f"{v:10.3f}" for v in values.values())
                + f"{1000 * statistics.median(times):12.3f}"
            )
        index = fit(validated(DATA))
        confident = [[m for m in match(index, text) if m.confident] for _, text in held]
        right = sum(bool(m) and m[0].challenge == c for (c, _), m in zip(held, confident, strict=True) if c)
        some = sum(bool(m) for (c, _), m in zip(held, confident, strict=True) if c)
        wrong = sum(bool(m) for (c, _), m in zip(held, confident, strict=True) if c is None)
        print(f"ours, confident: {some} statements, first right in {right}; {wrong} unrelated texts")


if __name__ == "__main__":
    main()
