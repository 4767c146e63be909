"""How people are invited: a link and a QR code with an address that their phones can reach."""

from __future__ import annotations

import io
import socket
from ipaddress import ip_address

import segno

from api.settings import Settings

PAGE = "/session/"
"""The page on which people join; the code stands behind `#`, so that no server and no log sees it."""


def shown(code: str) -> str:
    """A join code as people read it.

    >>> shown("K7M4W2QX9T")
    'K7M4W-2QX9T'
    """
    return f"{code[:5]}-{code[5:]}"


def base_url(settings: Settings, port: int) -> tuple[str | None, str | None]:
    """The address under which others reach this server, or why there is none.

    Args:
        settings: the public address, or where the server listens.
        port: at which it really listens.
    """
    if settings.public_url is not None:
        return settings.public_url.rstrip("/"), None
    try:
        listening = ip_address(settings.host)
        host = lan_address(listening.version) if listening.is_unspecified else str(listening)
    except ValueError:
        host = settings.host
    if host is None:
        return (
            None,
            "This machine has no address in a network; connect it to one, or name the address in PROVENDER_PUBLIC_URL.",
        )
    if _is_here_only(host):
        return None, (
            "Phones cannot join: the server listens at this machine only. Stop it and run `provender serve --host 0.0.0.0`; behind a "
            "proxy, name its address in PROVENDER_PUBLIC_URL."
        )
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", None


def lan_address(version: int = 4) -> str | None:
    """This machine's address in its network; nothing is sent to find it."""
    family, other = (socket.AF_INET, "192.0.2.1") if version == 4 else (socket.AF_INET6, "2001:db8::1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((other, 9))  # chooses a route, and with it the address that others see
            found: str = probe.getsockname()[0]
    except OSError:
        return lan_address(4) if version == 6 else None
    return None if _is_here_only(found) else found


def _is_here_only(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def link(base: str, code: str) -> str:
    """The address that lets somebody in."""
    return f"{base}{PAGE}#join={code}"


def qr(text: str) -> bytes:
    """A QR code as SVG, dark on light whatever the page's colours are, for some phones read no other."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        scale=8,
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        omitsize=True,
        title="Join the session",
    )
    return out.getvalue()
