"""The bytes of one range of a file, read from a connection."""

import socket
import ssl
import time
from urllib.parse import urljoin

import httpcore2
import httpx2

from shammah_tui.children.fetch.answers import check_busy
from shammah_tui.children.fetch.faults import ChangedUpstreamError, PassingError
from shammah_tui.children.fetch.hub import Hub, RemoteFile

_MOST_REDIRECTS = 5
_FILL_S = 0.05
"""From the first byte until what has come is handed on: a bar that moves eight times a second needs
it, and one who wants the connection to stop waits no longer."""


class Body:
    """An open answer.

    Attributes:
        start: Position in the file of its first byte: 0 where the server ignores ranges.
        ranged: Whether the server gave the range that was asked for.
    """

    def __init__(
        self, response: httpx2.Response, start: int, ranged: bool, silence_s: float
    ) -> None:
        self._response = response
        self._chunks = response.iter_raw()
        self._silence_s = silence_s
        self._rest = memoryview(b"")
        self._begun = False
        self._broken: OSError | None = None
        self.start = start
        self.ranged = ranged
        length = response.headers.get("Content-Length")
        self._remaining = None if length is None else int(length)
        # Below the HTTP library's parser a body of known length is the plain stream of bytes.
        # Reading it there, straight into the block, takes half the time: 830 instead of 400 MB/s
        # on one core, measured over loopback, because the parser copies each 64 KiB three times.
        stream = response.extensions.get("network_stream")
        self._socket: socket.socket | None = None
        if (
            stream is not None
            and response.http_version == "HTTP/1.1"
            and self._remaining is not None
            # Encryption inside of another, to an HTTPS proxy, has no socket to read from.
            and not isinstance(stream.get_extra_info("ssl_object"), ssl.SSLObject)
        ):
            self._socket = stream.get_extra_info("socket")

    def read_into(self, view: memoryview) -> int:
        """Read at most ``len(view)`` bytes, at least one; 0 is the end.

        It returns when the view is full, or a twentieth of a second after the first byte. Encrypted
        bytes come in records of 16 KiB at most, 16 receives a block: to lock and count for each of
        them took a tenth of the processor time of a fast transfer.

        Raises:
            PassingError: The connection broke, or was silent for too long.
        """
        if self._remaining == 0:
            return 0
        try:
            count = self._read_into(view)
        except (
            httpx2.HTTPError,
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
        ) as error:
            raise PassingError("the network") from error
        if self._remaining is not None:
            if count == 0:
                raise PassingError("the network")
            self._remaining -= count
        return count

    def _read_into(self, view: memoryview) -> int:
        if not self._rest and (self._socket is None or not self._begun):
            # The parser holds what came with the headers, and gives all of it at once.
            self._rest = memoryview(next(self._chunks, b""))
            if not self._begun and self._socket is not None:
                self._socket.settimeout(min(_FILL_S, self._silence_s))
            self._begun = True
        if self._rest or self._socket is None:
            count = min(len(view), len(self._rest))
            view[:count], self._rest = self._rest[:count], self._rest[count:]
            return count
        return self._receive_into(self._socket, view[: self._remaining])

    def _receive_into(self, connection: socket.socket, view: memoryview) -> int:
        """Receive until the view is full, or for a short while.

        What came before an error is returned first, and the error raised the next time.
        """
        if self._broken is not None:
            raise self._broken
        receive, now = connection.recv_into, time.monotonic
        filled, most = 0, len(view)
        until_s = now() + self._silence_s
        while filled < most:
            try:
                count = receive(view[filled:])
            except TimeoutError:
                if filled:
                    break
                if now() >= until_s:
                    raise
                continue
            except OSError as error:
                if not filled:
                    raise
                self._broken = error
                break
            if not count:
                break
            if not filled:
                until_s = now() + _FILL_S
            filled += count
            if now() >= until_s:
                break
        return filled

    def close(self) -> None:
        self._response.close()


def open_body(
    hub: Hub, file: RemoteFile, start: int, end: int, connect_s: float, silence_s: float
) -> Body:
    """Ask for the bytes from ``start`` up to ``end`` (not included).

    Raises:
        PassingError: The server fails for the moment, or sends another stretch than asked.
        ChangedUpstreamError: The file has another length than the Hub said.
    """
    url = file.location
    for _ in range(_MOST_REDIRECTS):
        response = hub.request("GET", url, connect_s, silence_s, span=f"bytes={start}-{end - 1}")
        location = response.headers.get("Location")
        if not (response.is_redirect and location):
            break
        response.close()
        url = urljoin(url, location)
    try:
        ranged = _check(response, file, start, end)
    except BaseException:
        response.close()
        raise
    return Body(response, start if ranged else 0, ranged, silence_s)


def _check(response: httpx2.Response, file: RemoteFile, start: int, end: int) -> bool:
    check_busy(response, "the server")
    status = response.status_code
    if status in (401, 403, 404, 410):
        # How content delivery networks say that a signed address has expired.
        raise PassingError("a fresh address of the file")
    if status == 416:
        raise ChangedUpstreamError
    if (
        status not in (200, 206)
        or response.headers.get("Content-Encoding", "identity") != "identity"
    ):
        raise PassingError("the server, which answers with something else")
    length = response.headers.get("Content-Length")
    if status == 206:
        wanted = f"bytes {start}-{end - 1}/{file.size_bytes}"
        if response.headers.get("Content-Range", "").strip() != wanted:
            raise PassingError("the server, which sends another part")
        expected = end - start
    else:
        expected = file.size_bytes
    if length is not None and int(length) != expected:
        raise PassingError("the server, which names another length")
    return status == 206
