"""Lists and records over HTTP, held against the catalogue itself."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.publication import Publication
from api.web.problems import Problem
from api.web.reads import Query, listing_content, read_query, record_content
from api.web.rows import LISTINGS, Rows
from engine.tokens import tokens
from kb.home import BUNDLE
from kb.normal import from_object
from kb.records import Catalogue, Limitation, Solution
from tests.serving import Server

NAMES = tuple(LISTINGS)


def every(server: Server, path: str) -> list[dict[str, Any]]:
    """All rows of a list, page after page, the links of body and header followed alike."""
    found, following = [], path
    while following:
        response = server.get(following)
        assert response.status_code == 200, response.text
        body = response.json()
        found += body["items"]
        following = body["next"]
        assert response.links.get("next", {}).get("url") == following
    assert body["total"] == len(found)
    return found


def test_the_catalogue_says_what_it_is(server: Server, publication: Publication) -> None:
    body = server.get("/v1/catalogue").json()
    held = publication.catalogue
    assert body["catalogue"] == body["edition"]["id"] == publication.version
    assert body["digest"] == publication.digest
    assert body["counts"] == {
        name: len(getattr(held, name))
        for name in (
            "challenges",
            "solutions",
            "addressings",
            "limitations",
            "articles",
            "schemes",
            "concepts",
            "criteria",
        )
    }
    assert body["honesty"] == list(held.edition.honesty)
    assert body["citations"][0]["article"] == held.edition.study
    for link in body["links"].values():
        assert server.get(link).status_code == 200, link


@pytest.mark.parametrize("name", NAMES)
def test_a_list_holds_every_record_in_order(server: Server, publication: Publication, name: str) -> None:
    ids = [r.id for r in getattr(publication.catalogue, "schemes" if name == "vocabulary" else name)]
    for limit in (7, 200):
        rows = every(server, f"/v1/{name}?limit={limit}")
        assert [row["id"] for row in rows] == sorted(ids)
    first = server.get(f"/v1/{name}").json()
    assert first["catalogue"] == publication.version
    assert first["total"] == len(ids)
    assert first["items"] == rows[:50]
    assert (first["next"] is None) == (len(ids) <= 50)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_through_a_list_and_back(server: Server, name: str) -> None:
    first = server.get(f"/v1/{name}?limit=9&sort=-id")
    assert "prev" not in first.links
    last = server.get(first.links["last"]["url"])
    assert "next" not in last.links
    assert last.json()["next"] is None
    middle = server.get(first.links["next"]["url"])
    assert server.get(middle.links["prev"]["url"]).json() == first.json()
    assert server.get(last.links["first"]["url"]).json() == first.json()


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_where_its_row_says(server: Server, publication: Publication, name: str) -> None:
    bundle = json.loads(publication.files[BUNDLE])["vocabulary" if name == "vocabulary" else name]
    records = {r["id"]: r for r in bundle}
    for row in every(server, f"/v1/{name}?limit=200")[::5]:
        body = server.get(row["url"]).json()
        assert body["item"] == records[row["id"]]
        assert (body["iri"], body["catalogue"]) == (row["iri"], publication.version)
        assert row["iri"].startswith(f"https://w3id.org/provender/{body['kind']}/")
        assert body["citations"] == row["citations"]


def test_concepts_are_in_the_vocabulary_too(server: Server) -> None:
    scheme, concept = server.get("/v1/vocabulary/skills").json(), server.get("/v1/vocabulary/skills.statistics").json()
    assert (scheme["kind"], concept["kind"]) == ("scheme", "concept")
    assert concept["item"] in scheme["item"]["concepts"]


# Filters, each held against what it says


def _of(catalogue: Catalogue, solution: str) -> list[Limitation]:
    return [x for x in catalogue.limitations if x.solution == solution]


def _addressed(catalogue: Catalogue, solution: str) -> set[str]:
    return {a.challenge for a in catalogue.addressings if a.solution == solution}


def _tests(limitation: Limitation, named: str) -> bool:
    return any(
        x.concept == named or x.concept.split(".")[0] == named
        for clause in limitation.when.clauses
        for x in clause.literals
    )


def _cites(catalogue: Catalogue, solution: Solution, article: str) -> bool:
    own = {solution.article, *solution.references, *(c.source for c in solution.validated_in)}
    evidence = [e for x in _of(catalogue, solution.id) for e in x.evidence]
    evidence += [e for a in catalogue.addressings if a.solution == solution.id for e in a.evidence]
    return article in own | {e.source for e in evidence}


Oracle = Callable[[Catalogue, Any, str], bool]
ORACLES: dict[tuple[str, str], Oracle] = {
    ("challenges", "phase"): lambda _, r, v: r.phase == v,
    ("challenges", "solution"): lambda c, r, v: r.id in _addressed(c, v),
    ("solutions", "challenge"): lambda c, r, v: v in _addressed(c, r.id),
    ("solutions", "phase"): lambda c, r, v: any(h.phase == v for h in c.challenges if h.id in _addressed(c, r.id)),
    ("solutions", "kind"): lambda _, r, v: r.kind == v,
    ("solutions", "modality"): lambda _, r, v: any(x.modality == v for x in r.validated_in),
    ("solutions", "factor"): lambda c, r, v: any(x.factor == v for x in _of(c, r.id)),
    ("solutions", "effect"): lambda c, r, v: any(x.effect == v for x in _of(c, r.id)),
    ("solutions", "requirement"): lambda c, r, v: v in r.prerequisites or any(_tests(x, v) for x in _of(c, r.id)),
    ("limitations", "solution"): lambda _, r, v: r.solution == v,
    ("limitations", "challenge"): lambda c, r, v: v in _addressed(c, r.solution),
    ("limitations", "factor"): lambda _, r, v: r.factor == v,
    ("limitations", "effect"): lambda _, r, v: r.effect == v,
    ("limitations", "requirement"): lambda c, r, v: (
        _tests(r, v) or any(v in s.prerequisites for s in c.solutions if s.id == r.solution)
    ),
    ("articles", "solution"): lambda c, r, v: any(_cites(c, s, r.id) for s in c.solutions if s.id == v),
    ("articles", "challenge"): lambda c, r, v: any(_cites(c, s, r.id) for s in c.solutions if v in _addressed(c, s.id)),
    ("articles", "kind"): lambda _, r, v: r.type == v,
    ("vocabulary", "kind"): lambda _, r, v: r.use == v,
}


def test_every_filter_has_an_oracle() -> None:
    assert set(ORACLES) == {(name, filter_) for name, listing in LISTINGS.items() for filter_ in listing.filters}


@pytest.mark.parametrize(("name", "filter_"), list(ORACLES), ids="/".join)
def test_a_filter_gives_what_it_says(publication: Publication, name: str, filter_: str) -> None:
    rows, listing, catalogue = Rows(publication), LISTINGS[name], publication.catalogue
    records = catalogue.schemes if name == "vocabulary" else getattr(catalogue, name)
    choices, found = rows.choices(listing, filter_), 0
    for value in choices:
        body = json.loads(listing_content(rows, listing, f"{filter_}={value}&limit=200".encode()).body)
        wanted = [r.id for r in records if ORACLES[name, filter_](catalogue, r, value)]
        assert [row["id"] for row in body["items"]] == wanted[:200], value
        assert body["total"] == len(wanted)
        found += bool(wanted)
    assert found > len(choices) / 10, "hardly any value was of use"


def test_filters_go_together_over_http(server: Server, publication: Publication) -> None:
    catalogue = publication.catalogue
    rows = every(server, "/v1/limitations?factor=cost&effect=blocks&requirement=budget&limit=3")
    wanted = [
        x.id for x in catalogue.limitations if x.factor == "cost" and x.effect == "blocks" and _tests(x, "budget")
    ]
    assert [row["id"] for row in rows] == wanted
    assert len(wanted) > 3


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("/v1/articles?text=bjoern", {"munappy2022"}), ("/v1/articles?text=Björn BRINNE", {"munappy2022"}),
        ("/v1/challenges?text=concept%20drift", {"data-drift"}), ("/v1/challenges?text=crooks%20tricks", {"data-drift"}),
        ("/v1/solutions?text=dropout", {"dropout"}), ("/v1/solutions?text=thinned", {"dropout"}), ("/v1/solutions?text=zzzz", set()),
        ("/v1/vocabulary?text=privacy%20engineering", {"skills"}), ("/v1/solutions?text=%21%3F", set()),
    ],
)  # fmt: skip
def test_words_find_records(server: Server, query: str, ids: set[str]) -> None:
    found = {row["id"] for row in every(server, query)}
    assert ids <= found
    assert len(found) <= 6


def test_each_word_counts_and_may_be_a_beginning(server: Server) -> None:
    def of(words: str) -> set[str]:
        return {row["id"] for row in every(server, f"/v1/limitations?text={words}&limit=200")}

    assert of("label") >= of("labels") > set()
    assert of("labels noisy") == of("labels") & of("noisy")


@pytest.mark.parametrize(("name", "by"), [(name, by) for name in NAMES for by in LISTINGS[name].sorts])
def test_lists_are_sorted_as_asked(server: Server, publication: Publication, name: str, by: str) -> None:
    field = "title" if (name, by) == ("articles", "label") else by
    shown = "" if field == "id" else f"&fields={field}"
    up, down = (every(server, f"/v1/{name}?sort={sign}{by}&limit=200{shown}") for sign in ("", "-"))

    def key(row: dict[str, Any]) -> Any:
        if by == "effort":
            return row["effort"]["person_weeks"]["low"], row["effort"]["person_weeks"]["high"]
        if by in ("phase", "effect", "factor", "kind"):
            return publication.catalogue.vocabulary.values(by).index(row[by])
        return tokens(row[field]) if by == "label" else row[field]

    assert [(key(r), r["id"]) for r in up] == sorted((key(r), r["id"]) for r in up)
    assert [key(r) for r in down] == sorted((key(r) for r in up), reverse=True)
    assert len({str(key(r)) for r in up}) > 1
    for first, second in itertools.pairwise(down):
        assert key(first) != key(second) or first["id"] < second["id"]


def test_fields_are_those_asked_for(server: Server) -> None:
    (row, *_) = server.get("/v1/solutions?fields=effort,done_when").json()["items"]
    assert set(row) == {"id", "iri", "url", "effort", "done_when"}
    whole = server.get(row["url"]).json()["item"]
    assert (row["effort"], row["done_when"]) == (whole["effort"], whole["done_when"])


def test_what_is_included_belongs_to_the_records(server: Server, publication: Publication) -> None:
    catalogue = publication.catalogue
    body = server.get("/v1/solutions/dropout?include=addressings,limitations,articles,challenges").json()
    included = {name: [r["id"] for r in held] for name, held in body["included"].items()}
    solution = next(s for s in catalogue.solutions if s.id == "dropout")
    assert included["addressings"] == [a.id for a in catalogue.addressings if a.solution == "dropout"]
    assert included["limitations"] == [x.id for x in _of(catalogue, "dropout")]
    assert included["challenges"] == sorted(_addressed(catalogue, "dropout"))
    assert included["articles"] == [a.id for a in catalogue.articles if _cites(catalogue, solution, a.id)]
    assert "included" not in server.get("/v1/solutions/dropout").json()
    article = server.get("/v1/articles/srivastava2014dropout?include=solutions,limitations").json()["included"]
    assert "dropout" in [s["id"] for s in article["solutions"]]
    assert all(any(e.get("source") == "srivastava2014dropout" for e in x["evidence"]) for x in article["limitations"])
    tested = server.get("/v1/vocabulary/skills.statistics?include=limitations").json()["included"]["limitations"]
    assert [x["id"] for x in tested] == [x.id for x in catalogue.limitations if _tests(x, "skills.statistics")]
    page = server.get("/v1/challenges?limit=2&include=solutions").json()
    wanted = {a.solution for a in catalogue.addressings if a.challenge in [row["id"] for row in page["items"]]}
    assert [s["id"] for s in page["included"]["solutions"]] == sorted(wanted)


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_can_be_included_is_there(server: Server, name: str) -> None:
    listing = LISTINGS[name]
    body = server.get(f"/v1/{name}?limit=200&include={','.join(listing.includes)}").json()
    assert set(body["included"]) == set(listing.includes)
    for along, records in body["included"].items():
        assert [r["id"] for r in records] == sorted({r["id"] for r in records}), along
        assert records


PROBLEMS = [
    ("/v1/solutions?modalty=image", 400, "unknown-parameter", None, "did you mean modality"),
    ("/v1/catalogue?x=1", 400, "unknown-parameter", None, "none is known here"),
    ("/v1/challenges?factor=cost", 400, "unknown-parameter", None, "phase"),
    ("/v1/solutions?kind=tool&kind=tool", 400, "bad-request", None, "twice"),
    ("/v1/solutions?text=%FF", 400, "bad-request", None, "UTF-8"),
    ("/v1/solutions?modality=imag", 422, "invalid-input", "/modality", "did you mean image"),
    ("/v1/solutions?challenge=data-drft", 422, "invalid-input", "/challenge", "did you mean data-drift"),
    ("/v1/limitations?requirement=skill", 422, "invalid-input", "/requirement", "did you mean skills"),
    ("/v1/limitations?effect=block", 422, "invalid-input", "/effect", "did you mean blocks"),
    ("/v1/limitations?limit=0", 422, "invalid-input", "/limit", "from 1 to 200"),
    ("/v1/limitations?limit=201", 422, "invalid-input", "/limit", "from 1 to 200"),
    ("/v1/limitations?limit=%C2%B2", 422, "invalid-input", "/limit", "from 1 to 200"),
    ("/v1/limitations?limit=", 422, "invalid-input", "/limit", "from 1 to 200"),
    ("/v1/solutions?sort=labl", 422, "invalid-input", "/sort", "label"),
    ("/v1/solutions?fields=sumary", 422, "invalid-input", "/fields", "did you mean summary"),
    ("/v1/solutions?include=limitation", 422, "invalid-input", "/include", "did you mean limitations"),
    ("/v1/solutions/dropout?include=nonsense", 422, "invalid-input", "/include", "use one of"),
    ("/v1/solutions/dropout?inclde=articles", 400, "unknown-parameter", None, "did you mean include"),
    ("/v1/solutions?retired=yes", 422, "invalid-input", "/retired", "use one of no, only, all"),
    (f"/v1/solutions?text={'a' * 201}", 422, "invalid-input", "/text", "at most 200"),
    ("/v1/solutions/dropot", 404, "not-found", None, "did you mean dropout"),
    ("/v1/solutions/xyzzy", 404, "not-found", None, "/v1/solutions lists"),
    ("/v1/vocabulary/skils", 404, "not-found", None, "did you mean skills"),
    ("/v1/releases/1999.1.1", 404, "not-found", None, "release"),
    ("/v1/solutions?cursor=nonsense", 404, "no-such-page", None, "Begin again at /v1/solutions"),
    ("/v1/solutions?kind=tool&cursor=%00", 404, "no-such-page", None, "/v1/solutions?kind=tool"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "status", "kind", "pointer", "told"), PROBLEMS, ids=[p[0][:60] for p in PROBLEMS])
def test_what_is_wrong_is_told(
    server: Server, path: str, status: int, kind: str, pointer: str | None, told: str
) -> None:
    response = server.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["type"] == f"https://w3id.org/provender/problem/{kind}"
    faults = body.get("errors", [])
    assert told in " ".join([body["detail"], *(f["detail"] for f in faults)])
    assert [f["pointer"] for f in faults] == ([pointer] if pointer else [])


def test_all_that_is_wrong_is_told_at_once(server: Server) -> None:
    body = server.get("/v1/solutions?modality=x&limit=x&sort=x&include=x,y").json()
    assert sorted(f["pointer"] for f in body["errors"]) == ["/include", "/include", "/limit", "/modality", "/sort"]


# Cursors


def test_a_cursor_is_good_for_its_list_and_release_alone(server: Server, publication: Publication) -> None:
    following = server.get("/v1/limitations?effect=blocks&limit=2").json()["next"]
    cursor = following.rpartition("cursor=")[2]
    assert server.get(f"/v1/limitations?limit=5&effect=blocks&cursor={cursor}").json()["items"][0]["id"]
    for other in (f"/v1/limitations?cursor={cursor}", f"/v1/limitations?effect=warns&cursor={cursor}", f"/v1/solutions?cursor={cursor}",
                  f"/v1/limitations?effect=blocks&sort=-id&cursor={cursor}", f"/v1/limitations?effect=blocks&cursor={cursor[:-2]}"):  # fmt: skip
        body = server.get(other).json()
        assert body["type"].endswith("/no-such-page"), other
        assert "No list gave this cursor" in body["detail"]
    rows, listing = Rows(replace(publication, digest="0" * 64)), LISTINGS["limitations"]
    stale = Query({"effect": "blocks"}).cursor(rows, listing, 2)
    body = server.get(f"/v1/limitations?effect=blocks&cursor={stale}").json()
    assert body["type"].endswith("/no-such-page")
    assert f"another release; the catalogue is now {publication.version}" in body["detail"]
    assert body["first"] == "/v1/limitations?effect=blocks"


def test_a_query_can_be_written_down_and_read_again(publication: Publication) -> None:
    rows, listing = Rows(publication), LISTINGS["solutions"]
    asked = Query(
        {"kind": "tool"},
        text="ä & b",
        retired="all",
        sort="-label",
        limit=3,
        fields=("label", "also"),
        include=("articles",),
    )
    address = asked.address(rows, listing, 6)
    assert read_query(rows, listing, address.partition("?")[2].encode()) == replace(asked, offset=6)
    assert Query({}).address(rows, listing, 0) == "/v1/solutions"


# Releases, and records that are no longer part of the catalogue


def test_kept_releases_are_given_whole(server: Server, publication: Publication) -> None:
    body = server.get("/v1/releases").json()
    assert body["total"] == len(body["items"]) > 0
    for item in body["items"]:
        release = server.get(item["url"]).json()
        assert release["version"] == release["edition"]["id"] == item["version"]
        assert len(release["solutions"]) > 40


@pytest.fixture
def retiring(publication: Publication) -> Rows:
    bundle = json.loads(publication.files[BUNDLE])
    for solution in bundle["solutions"]:
        if solution["id"] == "dropout":
            solution["retired"] = {
                "on": "2026-11-22",
                "why": "Others do it better.",
                "replaced_by": "transfer-learning",
            }
    changed = {**publication.files, BUNDLE: json.dumps(bundle).encode()}
    return Rows(replace(publication, files=changed, catalogue=from_object(bundle)))


def test_retired_records_stay_but_are_not_listed(retiring: Rows) -> None:
    listing = LISTINGS["solutions"]

    def listed(query: bytes) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(listing_content(retiring, listing, query).body)["items"]
        return found

    assert "dropout" not in [row["id"] for row in listed(b"limit=200")]
    (only,) = listed(b"retired=only")
    assert (only["id"], only["retired"]["replaced_by"]) == ("dropout", "transfer-learning")
    assert len(listed(b"retired=all&limit=200")) == len(listed(b"limit=200")) + 1
    assert (
        json.loads(record_content(retiring, listing, "dropout").body)["item"]["retired"]["why"]
        == "Others do it better."
    )
    available = json.loads(record_content(retiring, LISTINGS["challenges"], "overfitting").body)["derived"][
        "availability"
    ]
    assert available in ("none", "partial", "substantial", "full")
    with pytest.raises(Problem):
        record_content(retiring, listing, "dropot")
