"""Probes the hosts that the program needs, briefly, each on a thread of its own."""

import errno
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from shammah_tui.core.doctor.hosts import Host, HostResult, Trouble
from shammah_tui.core.errors import VariableError
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.web_client import WebAccess

TIMEOUT_S = 5.0
MOST_BYTES = 1 << 16
DETAIL_CELLS = 80

Verdict = tuple[Trouble | None, str | tuple[str, ...]]
"""What is wrong, if anything; the other side's own words for it, or the models that it has."""


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """A host's answer; at most ``MOST_BYTES`` of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class HostQuestion:
    """One question to a host; ``judge`` says what is wrong with an answer."""

    host: Host
    method: str
    url: str
    judge: Callable[[HostAnswer], Verdict]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    uses_proxies: bool = True


class HostProbe:
    """One question to a host, under way from when this is made, the name's look-up included."""

    def __init__(self, question: HostQuestion, timeout_s: float = TIMEOUT_S) -> None:
        self._question = question
        self._host = question.host
        self._timeout_s = timeout_s
        self._began_s = time.monotonic()
        self._told: SimpleQueue[HostResult] = SimpleQueue()
        # A look-up cannot be interrupted; a thread that waits for one ends with the program.
        threading.Thread(target=self._run, name="host probe", daemon=True).start()

    def result(self) -> HostResult:
        left_s = self._began_s + self._timeout_s - time.monotonic()
        try:
            return self._told.get(timeout=max(0.0, left_s))
        except Empty:
            return HostResult(self._host, Trouble.SILENT, self._timeout_s)

    def _run(self) -> None:
        advice, models = "", tuple[str, ...]()
        try:
            access = WebAccess(uses_proxies=self._question.uses_proxies)
            variable, proxy = access.proxy_for(self._question.url)
            if proxy:
                self._host = replace(self._host, proxy=proxy, proxy_variable=variable)
            trouble, said = self._question.judge(_ask(access, self._question, self._timeout_s))
            if isinstance(said, tuple):
                models, said = said, ", ".join(said)
            detail = truncate(plain(said), DETAIL_CELLS)
        except VariableError as error:
            # Our own words, not another side's.
            trouble, detail, advice = Trouble.VARIABLE, error.fact, error.advice
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong
            trouble, said = _trouble(error, self._host)
            detail = truncate(plain(said), DETAIL_CELLS)
        elapsed_s = time.monotonic() - self._began_s
        self._told.put(HostResult(self._host, trouble, elapsed_s, detail, advice, models))


def address_of(url: str) -> str:
    """Return host and, where it stands there, port of ``url``: never a user or a password."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    return plain(f"{parts.hostname or ''}{port}")


def _ask(access: WebAccess, question: HostQuestion, timeout_s: float) -> HostAnswer:
    with (
        access.client(timeout=timeout_s, headers={"User-Agent": "shammah-tui"}) as client,
        client.stream(
            question.method, question.url, headers=question.headers, content=question.body
        ) as response,
    ):
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) >= MOST_BYTES:
                break
        return HostAnswer(response.status_code, response.headers, body)


def _trouble(error: Exception, host: Host) -> tuple[Trouble, str]:
    import httpx2  # Already imported: it raised the error.

    causes = tuple(_causes(error))
    if not host.address or isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return Trouble.BAD_ADDRESS, ""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble.UNTRUSTED, cause.verify_message
        if isinstance(cause, ssl.SSLError):
            return Trouble.NO_TLS, str(cause.reason or "").replace("_", " ").lower()
    # Up to here it may as well be the proxy that failed; the host is not reached before it is.
    if isinstance(error, httpx2.ProxyError) or (
        host.proxy and isinstance(error, httpx2.ConnectError)
    ):
        return Trouble.PROXY, _short(causes)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return Trouble.NO_NAME, ""
        if isinstance(cause, ConnectionRefusedError):
            return Trouble.REFUSED, ""
        if isinstance(cause, OSError) and cause.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
            return Trouble.NO_ROUTE, ""
    if isinstance(error, httpx2.TimeoutException):
        return Trouble.SILENT, ""
    return Trouble.BROKEN, _short(causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _short(causes: tuple[BaseException, ...]) -> str:
    """Return the system's own words for it, else the first error's."""
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "its name cannot be looked up"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    return str(causes[0])
