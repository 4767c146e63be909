"""With what a session may begin."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.serving import Server


@pytest.mark.parametrize(
    "profile",
    [
        {"challenges": None},
        {"prefer": None},
        {"budget": "huge"},
        {"budget": None, "skills": []},
        {"challenges": {"data-drift": 4}, "problem": None},
    ],
)
def test_a_session_begins_with_a_profile_that_any_answer_takes(profile: dict[str, Any], server: Server) -> None:
    def faults(answer: httpx.Response) -> list[dict[str, str]]:
        return answer.json().get("errors", []) if answer.is_client_error else []

    begun = server.post("/v1/sessions", json={"title": "T", "name": "Ada", "profile": profile})
    asked = server.post("/v1/recommendations", json={"profile": profile, "first": 1})
    assert begun.is_success == asked.is_success, (begun.text, asked.text)
    assert faults(begun) == faults(asked)
