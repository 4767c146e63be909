"""For those who run the server: whether it lives and is ready, what it counts, and taking up a new build at once."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from api.publication import Shelf
from api.settings import Settings
from api.web.logs import event
from api.web.metrics import MEDIA_TYPE as METRICS_TYPE
from api.web.metrics import Metrics
from api.web.problems import MEDIA_TYPE, TYPES, Problem

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="AdminKey", description="A key whose SHA-256 is in PROVENDER_ADMIN_KEYS."
)
_FRESH = {"Cache-Control": "no-store"}


class Alive(BaseModel):
    """The process answers."""

    status: str


class Ready(BaseModel):
    """Requests can be answered, and from which release."""

    status: str
    catalogue: str
    digest: str


class Reloaded(BaseModel):
    """Whether a newer build was taken up, and which release is answered from now."""

    changed: bool
    catalogue: str
    digest: str


def router(
    settings: Settings,
    shelf: Shelf,
    metrics: Metrics | None = None,
    checks: Mapping[str, Callable[[], bool]] | None = None,
) -> APIRouter:
    """Routes for operators.

    Args:
        settings: the admin keys.
        shelf: holds the release.
        metrics: what is counted; without it there is no `/metrics`.
        checks: whether each further part is ready, by its name; called at every `/health/ready`, so they must be quick.
    """
    routes = APIRouter(tags=["operations"])
    now = shelf.current
    live = _json({"status": "live"})

    @routes.get("/health/live", operation_id="check_live", summary="Whether the process answers", response_model=Alive,
                responses=_example({"status": "live"}))  # fmt: skip
    async def check_live() -> Response:
        """Say so; nothing is looked up, so that a slow disk never makes an orchestrator kill the process."""
        return Response(live, media_type="application/json", headers=_FRESH)

    @routes.get("/health/ready", operation_id="check_ready", summary="Whether requests can be answered", response_model=Ready,
                responses=_example({"status": "ready", "catalogue": now.version, "digest": now.digest})
                | _problems("unavailable"))  # fmt: skip
    async def check_ready() -> Response:
        """Say which release is answered from, or which part is not ready."""
        missing = [name for name, check in (checks or {}).items() if not check()]
        if missing:
            raise Problem(
                "unavailable",
                f"Not ready: {', '.join(missing)}.",
                headers={**_FRESH, "Retry-After": "2"},
                extra={"missing": missing},
            )
        current = shelf.current
        body = _json({"status": "ready", "catalogue": current.version, "digest": current.digest})
        return Response(body, media_type="application/json", headers=_FRESH)

    if metrics is not None:
        metrics.show(now.version, now.digest)

        @routes.get("/metrics", operation_id="read_metrics", summary="Counters for Prometheus", response_class=Response,
                    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})  # fmt: skip
        async def read_metrics() -> Response:
            """All that is counted, over every worker of this server."""
            current = shelf.current
            metrics.show(current.version, current.digest)
            return Response(metrics.text(), media_type=METRICS_TYPE, headers=_FRESH)

    @routes.post("/v1/admin/reload", operation_id="reload_catalogue", summary="Take up a new build at once", response_model=Reloaded,
                 responses=_example({"changed": False, "catalogue": now.version, "digest": now.digest})
                 | _problems("unauthorised", "too-many-requests"))  # fmt: skip
    def reload_catalogue(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> Response:
        """Look for a newer build now; other workers and replicas do so within PROVENDER_REFRESH_SECONDS."""
        if not is_key(credentials.credentials.encode("latin-1") if credentials else b"", settings.admin_keys):
            event("admin-refused", "warning", id=getattr(request.state, "request_id", None))
            raise Problem(
                "unauthorised",
                "Send a valid admin key as a bearer token.",
                headers={**_FRESH, "WWW-Authenticate": "Bearer"},
            )
        changed = shelf.refresh()
        current = shelf.current
        if metrics is not None:
            metrics.show(current.version, current.digest)
        event("reloaded", changed=changed, catalogue=current.version, digest=current.digest)
        body = _json({"changed": changed, "catalogue": current.version, "digest": current.digest})
        return Response(body, media_type="application/json", headers=_FRESH)

    return routes


def is_key(key: bytes, hashes: Iterable[str]) -> bool:
    """Whether a key is one of those whose SHA-256 is given; as long in the making for every key, right or wrong.

    >>> is_key(b"abc", ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]), is_key(b"", [])
    (True, False)
    """
    given = sha256(key).hexdigest()
    found = False
    for known in hashes:
        found |= hmac.compare_digest(given, known)
    return found


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _example(value: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": value}}}}


def _problems(*types: str) -> dict[int | str, dict[str, Any]]:
    return {
        TYPES[t][0]: {
            "description": TYPES[t][1],
            "content": {MEDIA_TYPE: {"example": json.loads(Problem(t, "…").body())}},
        }
        for t in types
    }
