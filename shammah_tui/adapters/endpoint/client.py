"""HTTP clients for one server: its key, its proxies, its timeouts."""

import ipaddress
import logging
from typing import TYPE_CHECKING, TypedDict

from shammah_tui.core.served_model import host_of

if TYPE_CHECKING:
    import ssl

    import httpx2

CONNECT_TIMEOUT_S = 4.0
ASK_TIMEOUT_S = 10.0
"""Longest silence while a server tells what it has: nothing is computed for that."""

REPLY_TIMEOUT_S = 300.0
"""Longest silence in a reply: a server may load the model first, or read a long prompt, without a
word. Whoever does not want to wait stops the reply."""


class _Options(TypedDict):
    headers: dict[str, str]
    timeout: "httpx2.Timeout"
    limits: "httpx2.Limits"
    verify: "ssl.SSLContext"
    trust_env: bool


class Clients:
    """Makes clients; it imports httpx2 and so belongs into a thread.

    Each request gets a connection of its own: an idle one that the server closes just then (uvicorn
    does after 5 s, and after a reply that failed) would fail the next question, and a new one costs
    2 ms and the way to the server and back.

    Args:
        url: The server's address.
        key: Sent to it as a bearer token; empty sends none.
    """

    def __init__(self, url: str, key: str) -> None:
        # 0.13 s, and 25 ms for the certificates: it would hold the first frame, or the loop.
        import httpx2

        # They log addresses below this.
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._trusted: ssl.SSLContext = httpx2.create_ssl_context()
        # A proxy set for the world outside cannot know this machine.
        self._trust_env = not _is_loopback(host_of(url))

    def for_asking(self) -> "httpx2.Client":
        """Return a client for short questions from a thread."""
        import httpx2

        return httpx2.Client(**self._options(ASK_TIMEOUT_S))

    def for_replies(self) -> "httpx2.AsyncClient":
        """Return a client for one reply."""
        import httpx2

        return httpx2.AsyncClient(**self._options(REPLY_TIMEOUT_S))

    def _options(self, silence_s: float) -> "_Options":
        import httpx2

        return {
            "headers": self._headers,
            "timeout": httpx2.Timeout(silence_s, connect=CONNECT_TIMEOUT_S),
            "limits": httpx2.Limits(max_keepalive_connections=0),
            "verify": self._trusted,
            "trust_env": self._trust_env,
        }


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
