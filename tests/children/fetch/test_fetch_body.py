"""A block is filled from many receives: nothing that has come is lost, and none waits for long."""

import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest

from shammah_tui.children.fetch import body as module
from shammah_tui.children.fetch.body import Body, open_body
from shammah_tui.children.fetch.faults import PassingError, Patience
from shammah_tui.children.fetch.hub import Hub, RemoteFile
from shammah_tui.children.fetch.token import Token
from tests.loopback.certificates import MadeUpAuthority

RECORD = 16384
SIZE = 10 * RECORD
CONTENT = bytes(range(256)) * (SIZE // 256)
BEGINNING = 100
"""Comes first, as what is read together with the headers; the rest is what matters here."""


class Script:
    """A server that answers one request with what the test tells it to.

    Args:
        tls: Encrypts; None is plain HTTP.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepted = threading.Event()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}/file"
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        connection, _ = self._listener.accept()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += connection.recv(4096)
        head = f"Content-Range: bytes 0-{SIZE - 1}/{SIZE}\r\nContent-Length: {SIZE}\r\n\r\n"
        connection.sendall(b"HTTP/1.1 206 Partial\r\n" + head.encode() + CONTENT[:BEGINNING])
        self.connection = connection
        self._accepted.set()

    def send(self, first: int, end: int) -> None:
        """Send these bytes of the file."""
        assert self._accepted.wait(30)
        self.connection.sendall(CONTENT[first:end])

    def close(self) -> None:
        """Close the connection, if there is one, in good order."""
        self._listener.close()
        if self._accepted.is_set():
            self.connection.close()


Open = Callable[[Patience], tuple[Script, Body]]


@pytest.fixture(params=["plain", "tls"])
def open_script(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Return what opens a body whose first bytes have been read, and its server."""
    encrypted = request.param == "tls"
    authority = MadeUpAuthority(tmp_path)
    trust = ssl.create_default_context(cafile=str(authority.path))
    script = Script(authority.server_context() if encrypted else None)
    with httpx2.Client(verify=trust, trust_env=False) as client:

        def begin(patience: Patience) -> tuple[Script, Body]:
            hub = Hub(client, script.url, "owner/model", Token(), patience)
            file = RemoteFile("file", "0" * 40, "0" * 64, SIZE, script.url)
            body = open_body(hub, file, 0, SIZE, 10.0, patience.silence_s)
            assert body.read_into(memoryview(bytearray(SIZE))) == BEGINNING
            return script, body

        yield begin
    script.close()


def test_a_view_is_filled_from_many_records(
    open_script: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILL_S", 30.0)
    script, body = open_script(Patience())
    script.send(BEGINNING, SIZE)
    block = bytearray(5 * RECORD)
    assert body.read_into(memoryview(block)) == len(block)
    assert block == CONTENT[BEGINNING:][: len(block)]
    rest = bytearray(SIZE)
    count = body.read_into(memoryview(rest))
    assert rest[:count] == CONTENT[BEGINNING + len(block) :]
    assert body.read_into(memoryview(rest)) == 0


def test_what_has_come_does_not_wait_for_a_full_view(open_script: Open) -> None:
    # The server sends no more before it was read, and would be called silent much later.
    script, body = open_script(Patience(silence_s=600.0))
    position, block = BEGINNING, memoryview(bytearray(5 * RECORD))
    for length in (1, 1000, RECORD):
        script.send(position, position + length)
        received = 0
        while received < length:
            count = body.read_into(block)
            assert block[:count] == CONTENT[position + received :][:count]
            received += count
        assert received == length
        position += length


@pytest.mark.parametrize("open_script", ["tls"], indirect=True)
def test_steady_bytes_are_handed_on_before_the_view_is_full(
    open_script: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, body = open_script(Patience())
    script.send(BEGINNING, SIZE)
    # A record every 20 ms: never a gap that is as long as a wait for bytes.
    clock = SimpleNamespace(monotonic=itertools.count(100.0, 0.02).__next__)
    monkeypatch.setattr(module, "time", clock)
    block = memoryview(bytearray(SIZE))
    received = 0
    while received < SIZE - BEGINNING:
        count = body.read_into(block[received:])
        assert 0 < count <= 4 * RECORD
        received += count
    assert block[:received] == CONTENT[BEGINNING:]


def test_silence_is_told_from_a_pause(open_script: Open) -> None:
    script, body = open_script(Patience(silence_s=600.0))
    block = memoryview(bytearray(SIZE))
    # Longer than one wait for bytes, shorter than what counts as silence.
    pause = threading.Timer(3 * module._FILL_S, script.send, (BEGINNING, BEGINNING + 1))
    pause.start()
    assert body.read_into(block) == 1
    pause.join()


def test_a_hang_is_an_error_after_what_has_come(open_script: Open) -> None:
    script, body = open_script(Patience(silence_s=0.2))
    script.send(BEGINNING, BEGINNING + 1000)
    assert body.read_into(memoryview(bytearray(SIZE))) == 1000
    with pytest.raises(PassingError):
        body.read_into(memoryview(bytearray(SIZE)))


def test_an_early_end_is_an_error_after_what_has_come(open_script: Open) -> None:
    script, body = open_script(Patience())
    script.send(BEGINNING, BEGINNING + 1000)
    script.close()
    block = memoryview(bytearray(SIZE))
    received = 0
    with pytest.raises(PassingError):
        while count := body.read_into(block[received:]):
            received += count
    assert block[:received] == CONTENT[BEGINNING:][:1000]


@pytest.mark.parametrize("open_script", ["tls"], indirect=True)
def test_an_error_in_the_middle_of_a_fill_keeps_what_has_come(
    open_script: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILL_S", 30.0)
    script, body = open_script(Patience())
    sound = 3 * RECORD + 5
    script.send(BEGINNING, BEGINNING + sound)
    # Something on the way that does not know how to encrypt.
    socket.socket.sendall(script.connection, b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    block = bytearray(SIZE)
    assert body.read_into(memoryview(block)) == sound
    assert block[:sound] == CONTENT[BEGINNING:][:sound]
    for _ in range(2):
        with pytest.raises(PassingError):
            body.read_into(memoryview(block))
