"""Who asks, how often they may, and what their requests may repeat."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request

from api.settings import Settings
from api.web.limits import Clients, Rate, bucket, rates
from api.web.problems import Problem

KEY = r"^[A-Za-z0-9_-]{22,100}$"
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9_~+/.=-]{1,200}) *")


class Access:
    """Counts requests by client or by person.

    Args:
        settings: the rates, and which proxies are believed about the client.
    """

    def __init__(self, settings: Settings) -> None:
        self._clients = Clients(settings.trusted_proxies, settings.forwarded_header)
        self._rates: Mapping[str, Rate] = rates(settings)

    def count(self, name: str, request: Request, person: str | None = None) -> dict[str, str]:
        """Count a request of a person, or of its client; give the headers that tell what is left.

        Raises:
            Problem: if nothing was left.
        """
        rate = self._rates.get(name)
        if rate is None:
            return {}
        peer = request.client.host if request.client else ""
        who = person or bucket(self._clients.address(peer, request.scope["headers"]))
        return {key.decode(): value.decode() for key, value in rate.hit(who)}


def token(request: Request) -> str | None:
    """The bearer token of a request; it is read from nowhere else."""
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return found[1] if found else None


def key(request: Request) -> str | None:
    """The idempotency key of a request.

    Raises:
        Problem: if it could be guessed.
    """
    given = request.headers.get("idempotency-key")
    if given is not None and not re.fullmatch(KEY, given):
        raise Problem(
            "bad-request",
            "Idempotency-Key has 22 to 100 letters, digits, - or _, that nobody can guess; a new UUID is good.",
        )
    return given
