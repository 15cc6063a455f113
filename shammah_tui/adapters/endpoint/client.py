"""HTTP clients for one server: its key, its proxies, its timeouts."""

import logging
from typing import TYPE_CHECKING, Any

from shammah_tui.core.model.served_model import host_of, is_loopback
from shammah_tui.web_client import WebAccess

if TYPE_CHECKING:
    import httpx2

CONNECT_TIMEOUT_S = 4.0
ASK_TIMEOUT_S = 10.0
"""Longest silence while a server tells what it has: nothing is computed for that."""

REPLY_TIMEOUT_S = 300.0
"""Longest silence in a reply: a server may load the model first, or read a long prompt, without a
word. Whoever does not want to wait stops the reply."""


class Clients:
    """Makes clients; it imports httpx2, as ``WebAccess`` does, and so belongs into a thread.

    Each request gets a connection of its own: an idle one that the server closes just then (uvicorn
    does after 5 s, and after a reply that failed) would fail the next question, and a new one costs
    2 ms and the way to the server and back.
    """

    def __init__(self, url: str, key: str) -> None:
        # They log addresses below this.
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        # A proxy set for the world outside cannot know this machine.
        self.access = WebAccess(uses_proxies=not is_loopback(host_of(url)))

    def for_asking(self, silence_s: float = ASK_TIMEOUT_S) -> "httpx2.Client":
        return self.access.client(**self._options(silence_s))

    def for_replies(self) -> "httpx2.AsyncClient":
        import httpx2

        return httpx2.AsyncClient(**self.access.async_options(self._options(REPLY_TIMEOUT_S)))

    def _options(self, silence_s: float) -> "dict[str, Any]":
        import httpx2

        return {
            "headers": self._headers,
            "timeout": httpx2.Timeout(silence_s, connect=CONNECT_TIMEOUT_S),
            "limits": httpx2.Limits(max_keepalive_connections=0),
        }
