"""Asks the hosts that the program needs, briefly, each on a thread of its own.

Nobody else could answer these questions for them, and nothing is spent.
"""

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

from shammah_tui.adapters.claude.claude_key import CLAUDE_ADDRESS, claude_address
from shammah_tui.adapters.claude.key_holder import Credential, KeyHolder
from shammah_tui.adapters.hub.hub_environment import DEFAULT_ENDPOINT, hub_endpoint
from shammah_tui.core.doctor.hosts import Host, HostResult, Trouble
from shammah_tui.core.errors import VariableError
from shammah_tui.core.model.served_model import host_of, is_loopback
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.text.secrets import slip_in, tidied
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


API_VERSION = "2023-06-01"

_PORTAL = 511  # RFC 6585: Network Authentication Required
_AUTH_ERRORS = {"authentication_error", "permission_error"}


def hub_question(environment: Mapping[str, str], path: str) -> HostQuestion:
    """Ask the Hub where ``owner/name/resolve/revision/file`` is, without a token."""
    endpoint = hub_endpoint(environment)
    host = _host("the Hub", endpoint, "HF_ENDPOINT", DEFAULT_ENDPOINT)
    return HostQuestion(host, "HEAD", f"{endpoint}/{path}", _judge_hub)


def claude_question(
    environment: Mapping[str, str], asked_with: Credential | None = None
) -> HostQuestion:
    """Send Claude's API an empty request: it is refused for its form, after the key was checked.

    ``asked_with`` is the key; None takes that of the environment.
    """
    base = claude_address(environment)
    host = _host("Claude's API", base, "ANTHROPIC_BASE_URL", CLAUDE_ADDRESS)
    headers = {"content-type": "application/json", "anthropic-version": API_VERSION}
    asked_with = asked_with or KeyHolder(environment).credential
    # What is no key cannot be put into a header; who looks at keys says so.
    if asked_with.secret and not slip_in(asked_with.secret):
        if asked_with.api_key:
            headers["x-api-key"] = asked_with.api_key
        else:
            headers["authorization"] = f"Bearer {asked_with.auth_token}"
    has_key = not headers.keys().isdisjoint({"x-api-key", "authorization"})
    return HostQuestion(
        host,
        "POST",
        f"{base}/v1/messages",
        lambda answer: _judge_claude(answer, has_key=has_key),
        headers,
        b"{}",
    )


def endpoint_question(url: str, key: str) -> HostQuestion:
    """Ask an OpenAI-compatible server for its models."""
    base = url.removesuffix("/v1").rstrip("/")
    host = _host("the endpoint", url, "url under [endpoint] in config.toml", "")
    key = tidied(key)
    headers = {"authorization": f"Bearer {key}"} if key and not slip_in(key) else {}
    # As when it is asked for replies.
    is_near = is_loopback(host_of(url))
    return HostQuestion(
        host, "GET", f"{base}/v1/models", _judge_endpoint, headers, uses_proxies=not is_near
    )


def _host(name: str, url: str, setting: str, default: str) -> Host:
    return Host(name, address_of(url), setting, url == default)


def _judge_hub(answer: HostAnswer) -> Verdict:
    # Only the Hub has these; the second comes with a refusal, which is an answer, too.
    if "X-Repo-Commit" in answer.headers or "X-Error-Code" in answer.headers:
        return None, ""
    return _judge_other(answer)


def _judge_claude(answer: HostAnswer, *, has_key: bool) -> Verdict:
    told = answer.json()
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("type"), str):
        return _judge_gateway(answer, told, has_key=has_key)
    if answer.status >= 500:
        return Trouble.SERVER_ERROR, f"status {answer.status}"
    if error["type"] in _AUTH_ERRORS and has_key:
        return Trouble.KEY_REFUSED, ""
    return None, ""


def _judge_gateway(answer: HostAnswer, told: object, *, has_key: bool) -> Verdict:
    """Judge what a gateway or a stand-in says, which has its own words for an empty request."""
    is_json = isinstance(told, dict)
    if is_json and answer.status in {401, 403}:
        return (Trouble.KEY_REFUSED if has_key else None), ""
    if is_json and answer.status in {400, 413, 415, 422}:
        return None, ""
    if answer.status == 200 and (
        (isinstance(told, dict) and told.get("type") == "message")
        or b'"message_start"' in answer.body
    ):
        return None, ""
    return _judge_other(answer)


def _judge_endpoint(answer: HostAnswer) -> Verdict:
    if answer.status in {401, 403}:
        return Trouble.KEY_REFUSED, ""
    told = answer.json()
    models = told.get("data") if isinstance(told, dict) else None
    if answer.status != 200 or not isinstance(models, list):
        return _judge_other(answer)
    names = [str(each.get("id", "")) for each in models if isinstance(each, dict)]
    return None, tuple(name for name in names if name)


def _judge_other(answer: HostAnswer) -> Verdict:
    if answer.status >= 500 and answer.status != _PORTAL:
        return Trouble.SERVER_ERROR, f"status {answer.status}"
    if answer.status == 429:
        return Trouble.SERVER_ERROR, "it has too many requests from here"
    return Trouble.STRANGER, f"status {answer.status}"
