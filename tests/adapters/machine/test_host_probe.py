"""The three questions, put to real servers on loopback; and everything that can be in the way."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shammah_tui.adapters.machine.host_probe import (
    HostProbe,
    HostQuestion,
    address_of,
    claude_question,
    endpoint_question,
    hub_question,
)
from shammah_tui.core.doctor.hosts import HostResult, Trouble
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import AnswerStatus, CaptivePortal, Silence
from tests.loopback.hub_faults import Drop as HubDrop
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.loopback.messages_faults import Page, StatusFault

KEY = "sk-ant-reach-0123456789"
REPO, FILE = "test/Tiny-GGUF", "tiny.gguf"
PATH = f"{REPO}/resolve/main/{FILE}"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        hub.add_repo(REPO, {FILE: b"GGUF and so on"})
        yield hub


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=KEY) as api:
        yield api


def ask(question: HostQuestion, timeout_s: float = 10.0) -> HostResult:
    return HostProbe(question, timeout_s).result()


def ask_hub(url: str, path: str = PATH, timeout_s: float = 10.0) -> HostResult:
    return ask(hub_question({"HF_ENDPOINT": url}, path), timeout_s)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


# The Hub


def test_the_hub_answers(hub: LoopbackHub) -> None:
    reach = ask_hub(hub.url)
    assert reach.trouble is None
    assert reach.host.address == hub.url.removeprefix("http://")
    (request,) = hub.requests_of("hub")
    assert (request.method, request.path) == ("HEAD", f"/{PATH}")
    assert request.authorization is None
    assert hub.requests_of("cdn") == []


def test_a_refusal_of_the_hub_is_an_answer_of_the_hub(hub: LoopbackHub) -> None:
    assert ask_hub(hub.url, "no/repo/resolve/main/a.gguf").trouble is None
    assert ask_hub(hub.url, f"{REPO}/resolve/main/other.gguf").trouble is None


@pytest.mark.parametrize("redirect", [True, False])
def test_a_captive_portal(hub: LoopbackHub, redirect: bool) -> None:
    hub.inject(CaptivePortal(to_hub=True, redirect=redirect))
    reach = ask_hub(hub.url)
    assert reach.trouble is Trouble.STRANGER
    assert reach.detail == f"status {302 if redirect else 200}"


def test_a_fault_of_the_hubs_own(hub: LoopbackHub) -> None:
    hub.inject(AnswerStatus(to_hub=True, status=503))
    assert ask_hub(hub.url).trouble is Trouble.SERVER_ERROR
    hub.inject(AnswerStatus(to_hub=True, status=511))
    assert ask_hub(hub.url).trouble is Trouble.STRANGER


def test_a_connection_that_breaks_off(hub: LoopbackHub) -> None:
    hub.inject(HubDrop(to_hub=True))
    assert ask_hub(hub.url).trouble is Trouble.BROKEN


def test_silence_is_bounded(hub: LoopbackHub) -> None:
    hub.inject(Silence(to_hub=True))
    reach = ask_hub(hub.url, timeout_s=0.3)
    assert reach.trouble is Trouble.SILENT


def test_a_closed_port_refuses() -> None:
    assert ask_hub(f"http://127.0.0.1:{closed_port()}").trouble is Trouble.REFUSED


def test_a_name_that_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert ask_hub("https://hub.invalid").trouble is Trouble.NO_NAME


def test_a_look_up_that_hangs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_arguments: object, **_options: object) -> None:
        over.wait(30)
        raise socket.gaierror(socket.EAI_NONAME, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        assert ask_hub("https://hub.invalid", timeout_s=0.2).trouble is Trouble.SILENT
    finally:
        over.set()


@pytest.mark.parametrize("url", ["huggingface.co", "ftp://hub.example", "http://["])
def test_what_is_no_address(url: str) -> None:
    assert ask_hub(url).trouble is Trouble.BAD_ADDRESS


# TLS


class _Page(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
    subprocess.run(
        ["openssl", *make.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        reach = ask_hub(f"https://localhost:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
    assert reach.trouble is Trouble.UNTRUSTED
    assert "self" in reach.detail


def test_a_server_without_tls(hub: LoopbackHub) -> None:
    assert ask_hub(hub.url.replace("http:", "https:")).trouble is Trouble.NO_TLS


# Proxies


def test_a_proxy_is_asked_and_named_without_its_password(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loopback hub does as a proxy: it answers for a host that has no name.
    monkeypatch.setenv("HTTP_PROXY", hub.url.replace("http://", "http://user:secret@"))
    reach = ask_hub("http://hub.invalid")
    assert reach.host.proxy == hub.url.removeprefix("http://")
    assert hub.requests_of("hub")[0].path.startswith("http://hub.invalid/")


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{closed_port()}")
    reach = ask_hub("https://hub.invalid")
    assert reach.trouble is Trouble.PROXY
    assert "secret" not in repr(reach)


def test_an_address_has_no_user() -> None:
    assert address_of("https://user:secret@hub.example:81/path") == "hub.example:81"
    assert address_of("nonsense") == ""


# Claude


def ask_claude(api: LoopbackMessagesAPI, **variables: str) -> HostResult:
    return ask(claude_question({"ANTHROPIC_BASE_URL": api.url + "/", **variables}))


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_claude_knows_the_key(api: LoopbackMessagesAPI, name: str) -> None:
    assert ask_claude(api, **{name: f" {KEY}\n"}).trouble is None
    (call,) = api.calls
    assert call.key == KEY
    assert call.body == {}, "nothing is asked, so that nothing is charged"


def test_claude_refuses_the_key(api: LoopbackMessagesAPI) -> None:
    reach = ask_claude(api, ANTHROPIC_API_KEY="sk-ant-wrong")
    assert reach.trouble is Trouble.KEY_REFUSED
    assert "wrong" not in repr(reach)


@pytest.mark.parametrize("key", ["", "sk-ant-\u201cquoted\u201d"])
def test_without_a_key_that_can_be_sent_claude_is_only_reached(
    api: LoopbackMessagesAPI, key: str
) -> None:
    assert ask_claude(api, ANTHROPIC_API_KEY=key).trouble is None
    assert api.calls[0].key == ""


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Page(), Trouble.STRANGER),
        (StatusFault(502, message=None), Trouble.SERVER_ERROR),
        (StatusFault(529, "overloaded_error", "Overloaded"), Trouble.SERVER_ERROR),
        (StatusFault(403, "permission_error", "no"), Trouble.KEY_REFUSED),
        (StatusFault(429, "rate_limit_error", "slow down"), None),
    ],
)
def test_other_answers_for_claude(fault: StatusFault | Page, trouble: Trouble | None) -> None:
    # Faults are met behind the check of the key and before that of the form.
    with LoopbackMessagesAPI(key=None) as api:
        api.fail_with(fault)
        body = b'{"max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}'
        question = claude_question({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
        question = HostQuestion(
            question.host, question.method, question.url, question.judge, question.headers, body
        )
        assert ask(question).trouble is trouble


# An endpoint


class _Models(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.headers["authorization"] != "Bearer good":
            self.send_response(401)
            self.end_headers()
            return
        body = b'{"object": "list", "data": [{"id": "qwen3.5-9b"}, {"id": "other"}]}'
        known = self.path == "/v1/models"
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(body if known else b"no")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Models)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("suffix", ["", "/v1"])
def test_an_endpoint_tells_its_models(endpoint: str, suffix: str) -> None:
    reach = ask(endpoint_question(endpoint + suffix, "good"))
    assert (reach.trouble, reach.detail) == (None, "qwen3.5-9b, other")


def test_an_endpoint_refuses_the_key(endpoint: str) -> None:
    assert ask(endpoint_question(endpoint, "")).trouble is Trouble.KEY_REFUSED


def test_something_else_at_the_endpoints_address(endpoint: str) -> None:
    assert ask(endpoint_question(f"{endpoint}/elsewhere", "good")).trouble is Trouble.STRANGER


class Gateway(BaseHTTPRequestHandler):
    """Answers an empty request in its own words; the class has what."""

    status, kind, body = 400, "application/json", b"{}"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self.send_response(self.status)
        self.send_header("content-type", self.kind)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.mark.parametrize(
    ("status", "kind", "body", "trouble"),
    [
        (400, "application/json", b'{"error": "messages are missing"}', None),
        (422, "application/json", b'{"detail": [{"loc": ["messages"]}]}', None),
        (200, "application/json", b'{"type": "message", "content": []}', None),
        (200, "text/event-stream", b'data: {"type":"message_start"}\n\n', None),
        (401, "application/json", b'{"detail": "no"}', Trouble.KEY_REFUSED),
        (400, "text/html", b"<html>", Trouble.STRANGER),
        (200, "text/html", b"<html>", Trouble.STRANGER),
        (200, "application/json", b"{}", Trouble.STRANGER),
    ],
)
def test_a_gateway_or_a_stand_in_that_answers_is_claude(
    status: int, kind: str, body: bytes, trouble: Trouble | None
) -> None:
    fields = {"status": status, "kind": kind, "body": body}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Gateway,), fields))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        question = claude_question({"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY})
        assert ask(question).trouble is trouble
    finally:
        server.shutdown()
        server.server_close()
