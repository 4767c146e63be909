"""How much one client may ask for: who the client is, and what it has left."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from api.settings import Network, Settings
from api.web.problems import Problem

Headers = Mapping[bytes, bytes]
NOBODY = "unknown"
"""The bucket of those whose address cannot be told, such as a peer on a Unix socket; they share it."""


class Clients:
    """Says from which address a request comes, believing nobody but the configured proxies.

    Args:
        trusted: the proxies' networks.
        header: the one header that the proxies write. A proxy that writes one passes the other through as the client sent it, so that
            reading both would let anybody choose an address.
    """

    def __init__(self, trusted: tuple[Network, ...], header: str) -> None:
        self._trusted = trusted
        self._header = header.encode()

    def is_proxy(self, peer: str) -> bool:
        """Whether the other end of the connection is a configured proxy."""
        return bool(self._trusted) and self._believed(_address(peer))

    def address(self, peer: str, headers: list[tuple[bytes, bytes]]) -> str:
        """The right-most address that is not a proxy's; a proxy's own if what it handed on is no address."""
        if not self.is_proxy(peer):
            return peer
        lines = b",".join(value for name, value in headers if name == self._header).decode("latin-1")
        hops = lines.split(",") if lines else []
        here = peer
        for hop in reversed(hops):
            address = _address(_node(hop) if self._header == b"forwarded" else hop)
            if address is None:
                break
            here = str(address)
            if not self._believed(address):
                break
        return here

    def scheme(self, headers: list[tuple[bytes, bytes]]) -> str | None:
        """Whether the client spoke http or https, as the proxy next to us says."""
        said = ""
        for name, value in headers:
            if name == b"x-forwarded-proto" and self._header != b"forwarded":
                said = value.decode("latin-1").rpartition(",")[2]
            elif name == b"forwarded" == self._header:
                said = _part(value.decode("latin-1").rpartition(",")[2], "proto")
        said = said.strip().lower()
        return said if said in ("http", "https") else None

    def _believed(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _part(element: str, wanted: str) -> str:
    """One parameter of an element of a Forwarded header (RFC 7239)."""
    for pair in element.split(";"):
        name, _, value = pair.strip().partition("=")
        if name.lower() == wanted:
            return value.strip().strip('"')
    return ""


def _node(element: str) -> str:
    return _part(element, "for")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: bare, in brackets, or with a port behind it."""
    text = text.strip().strip('"')
    return (
        _parsed(text) if len(text) < 64 else None
    )  # longer ones are none, and would fill the cache with what a client sends


@lru_cache(4096)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@lru_cache(4096)
def bucket(address: str) -> str:
    """Those who are counted together: one IPv4 address, or the /64 network that one subscriber of IPv6 has at least.

    >>> bucket("2001:db8:1:2:3:4:5:6"), bucket("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    found = _address(address)
    if found is None:
        return NOBODY
    return str(found) if isinstance(found, IPv4Address) else str(ip_network((int(found) >> 64 << 64, 64)))


class Counters(Storage):
    """Counts in this process's memory, at most so many: the one that would end first gives way.

    `limits` brings a storage of its own, but that one starts a thread at nearly every hit and grows with the number of clients.
    All counters here live equally long, so that the oldest is also the next to end.
    """

    STORAGE_SCHEME = None

    def __init__(self, most: int = 65_536) -> None:
        super().__init__()
        self._most = most
        self._counts: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing store would raise; this one does not fail."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that begins with a key's first hit."""
        now = time.monotonic()
        with self._lock:  # what people send in sessions is counted in several threads
            count, end = self._counts.get(key, (0, 0.0))
            if end <= now:
                self._counts.pop(key, None)
                if len(self._counts) >= self._most:
                    del self._counts[next(iter(self._counts))]
                count, end = 0, now + expiry
            self._counts[key] = (count + amount, end)
        return count + amount

    def get(self, key: str) -> int:
        """What was counted in the running window."""
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the running window ends, in seconds of the wall clock."""
        return time.time() + max(0.0, self._counts.get(key, (0, 0.0))[1] - time.monotonic())

    def check(self) -> bool:
        """Whether the store works."""
        return True

    def reset(self) -> int:
        """Forget all counts; say how many there were."""
        n = len(self._counts)
        self._counts.clear()
        return n

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)

    def __len__(self) -> int:
        return len(self._counts)


class Rate:
    """One limit on what each client may ask for, and the headers that tell of it.

    The headers are those of draft-ietf-httpapi-ratelimit-headers; `provender-scope=process` says that each process counts for itself.
    """

    def __init__(self, name: str, item: RateLimitItem) -> None:
        self.name = name
        self._item = item
        self._counters = Counters()
        self._window = FixedWindowRateLimiter(self._counters)
        self._key = item.key_for
        self._policy = (
            b"ratelimit-policy",
            f'"{name}";q={item.amount};w={item.get_expiry()};provender-scope=process'.encode(),
        )

    def hit(self, client: str) -> list[tuple[bytes, bytes]]:
        """Count a request and tell what is left.

        Raises:
            Problem: if nothing was left.
        """
        allowed = self._window.hit(self._item, client)
        key = self._key(client)
        wait = max(1, round(self._counters.get_expiry(key) - time.time() + 0.5))
        left = max(0, self._item.amount - self._counters.get(key))
        headers = [self._policy, (b"ratelimit", f'"{self.name}";r={left};t={wait}'.encode())]
        if allowed:
            return headers
        told = {name.decode(): value.decode() for name, value in headers}
        raise Problem(
            "too-many-requests",
            f"This client has asked for {self._item.amount} {self.name} in {self._item.get_expiry()} seconds, as many as it may; "
            f"ask again in {wait} s.",
            headers={**told, "Retry-After": str(wait), "Cache-Control": "no-store"},
            extra={"violated-policies": [self.name]},
        )


def rates(settings: Settings) -> dict[str, Rate]:
    """Every limit that is not off, by what it counts."""
    given: dict[str, Any] = {
        "answers": settings.rate, "queries": settings.rate_sparql, "lists": settings.rate_lists,
        "admin": settings.rate_admin, "sessions": settings.rate_sessions, "joins": settings.rate_joins, "events": settings.rate_events,
    }  # fmt: skip
    return {name: Rate(name, parse(text)) for name, text in given.items() if text != "off"}
