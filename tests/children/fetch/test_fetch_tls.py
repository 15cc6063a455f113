"""Encrypted from end to end: resumed as any other, and nobody's certificate is taken on trust."""

import random
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shammah_tui.core.protocol.fetch_messages import Fetched, FetchFailed, FetchProblem, Waiting
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, FetchRun, job_for
from tests.loopback.certificates import MadeUpAuthority
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import Chunked, EndAfter, HangAfter, HubFault, ResetAfter

SIZE = 3_000_001
CONTENT = random.Random(15).randbytes(SIZE)
CUT = 1_000_000


@pytest.fixture
def authority(tmp_path: Path) -> MadeUpAuthority:
    """Return the authority of the hub's certificate."""
    return MadeUpAuthority(tmp_path)


@pytest.fixture
def hub(authority: MadeUpAuthority) -> Iterator[LoopbackHub]:
    """Return an encrypted hub with one model."""
    with LoopbackHub(tls=authority.server_context()) as running:
        running.add_repo(REPO, {FILE: CONTENT})
        yield running


Start = Callable[..., FetchRun]


@pytest.fixture
def start(hub: LoopbackHub, authority: MadeUpAuthority, tmp_path: Path) -> Start:
    """Return what starts a child that trusts an authority, at first the hub's own."""

    def start(trusted: Path = authority.path, *, by_list: bool = False) -> FetchRun:
        names, quant = ((), "Q4_K_M") if by_list else ((FILE,), None)
        job = job_for(hub, tmp_path / "hub", *names, quant=quant)
        return FetchRun(job, tmp_path, environment={"SSL_CERT_FILE": str(trusted)})

    return start


def assert_arrived(run: FetchRun) -> None:
    result = run.result()
    assert isinstance(result, Fetched), result
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert run.log_path.read_text() == ""


@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_it_arrives(hub: LoopbackHub, start: Start, by_list: bool) -> None:
    assert hub.url.startswith("https://")
    assert_arrived(start(by_list=by_list))
    assert hub.bytes_served == SIZE
    assert hub.refused_handshakes == 0


@pytest.mark.parametrize("fault", [EndAfter(size_bytes=CUT), ResetAfter(size_bytes=CUT)])
def test_resumed_after_a_cut(hub: LoopbackHub, start: Start, fault: HubFault) -> None:
    hub.throttle(15e6)
    hub.inject(fault)
    run = start()
    assert_arrived(run)
    assert run.waits == ["the network"]
    first, second = hub.requests_of("cdn")
    assert first.first_byte == 0
    # A record that was cut in the middle cannot be decrypted.
    assert CUT - 2 * 16384 <= second.first_byte <= CUT


def test_an_error_in_the_middle_of_a_block_loses_no_byte(
    hub: LoopbackHub, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something on the way puts bytes between that are not encrypted."""
    connections: list[ssl.SSLSocket] = []

    class Noted(ssl.SSLSocket):
        def sendfile(self, *arguments: Any, **more: Any) -> int:
            connections.append(self)
            return super().sendfile(*arguments, **more)

    assert hub.tls is not None
    monkeypatch.setattr(hub.tls, "sslsocket_class", Noted)
    hub.throttle(15e6)

    def interfere() -> None:
        socket.socket.sendall(connections[-1], b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    cuts = (CUT, 5, 3 * BLOCK_BYTES + 7)
    hub.inject(*(EndAfter(size_bytes=cut, then=interfere) for cut in cuts))
    run = start()
    assert_arrived(run)
    assert run.waits == ["the network"] * 3
    # Every record before the error was whole.
    first_bytes = [request.first_byte for request in hub.requests_of("cdn")]
    assert first_bytes == [0, CUT, CUT + 5, CUT + 5 + 3 * BLOCK_BYTES + 7]
    assert hub.bytes_served == SIZE


def test_a_hang_is_noticed(hub: LoopbackHub, start: Start) -> None:
    hub.inject(HangAfter(size_bytes=CUT))
    run = start()
    assert_arrived(run)
    assert run.waits == ["the network"]


def test_without_a_length(hub: LoopbackHub, start: Start) -> None:
    hub.inject(Chunked())
    assert_arrived(start())


def test_resumed_after_being_killed(hub: LoopbackHub, start: Start) -> None:
    hub.throttle(5e6)
    run = start()
    hub.wait_for_bytes(1_500_000)
    run.kill()
    hub.throttle(None)
    assert_arrived(start())
    again = hub.requests_of("cdn")[1]
    # The rest was on its way.
    assert again.first_byte >= 1_500_000 - 1_000_000
    assert again.first_byte % BLOCK_BYTES == 0


@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_a_certificate_that_is_not_trusted_is_refused_at_once(
    hub: LoopbackHub, start: Start, tmp_path: Path, wrong: str, by_list: bool
) -> None:
    other = MadeUpAuthority(tmp_path, "other")
    if wrong == "name":
        hub.tls = other.server_context("hub.example")
    run = start(other.path, by_list=by_list)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.CAPTIVE_PORTAL
    assert failed.retryable
    assert failed.sentence == (
        "The server's certificate is not trusted: sign in to this network in a browser, or set "
        "SSL_CERT_FILE to your organisation's certificates."
    )
    # Asked once: no storm of retries, and nothing was told to whom nobody trusts.
    assert run.of(Waiting) == []
    assert hub.refused_handshakes == 1
    assert hub.requests == []


def test_another_network_that_wants_to_listen_in_is_waited_out(
    hub: LoopbackHub, authority: MadeUpAuthority, start: Start, tmp_path: Path
) -> None:
    own = hub.tls
    hub.throttle(15e6)

    def move() -> None:
        hub.tls = MadeUpAuthority(tmp_path, "listener").server_context()

    hub.inject(EndAfter(size_bytes=CUT, then=move))
    run = start()
    sign_in = "you to sign in to this network, in a browser"
    run.wait_for(lambda event: isinstance(event, Waiting) and event.waits_for == sign_in)
    hub.tls = own
    assert_arrived(run)
    assert set(run.waits) == {"the network", sign_in}
    assert hub.requests_of("cdn")[1].first_byte >= CUT - 2 * 16384


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_that_cannot_be_read_is_named(
    start: Start, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "none.pem"
    if content is not None:
        path.write_bytes(content)
    failed = start(path).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.INVALID
    assert "certificates that SSL_CERT_FILE names cannot be read" in failed.sentence
