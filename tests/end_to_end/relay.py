"""A port that refuses connections until it is opened: a server that is not up yet."""

import socket
import threading
from typing import Self
from urllib.parse import urlsplit


class Relay:
    """Passes bytes on to a server, once it is open; a context manager.

    Args:
        target: The server's address, such as ``http://127.0.0.1:8000``.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        assert parts.hostname is not None and parts.port is not None
        self._target = (parts.hostname, parts.port)
        self._listener = socket.socket()
        # Bound and not listening: nobody else gets the port, and whoever connects is refused.
        self._listener.bind(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for each in (self._listener, *self._sockets):
            _shut(each)
            each.close()

    @property
    def url(self) -> str:
        """The address to connect to."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def open(self) -> None:
        """Take connections from now on."""
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    _shut(source)
    _shut(sink)


def _shut(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
