"""A SOCKS5 proxy on loopback, which leads every connection to one address."""

import contextlib
import socket
import struct
import threading
from typing import Self


class LoopbackSocks:
    """Speaks as much of RFC 1928 as a client that wants no authentication needs.

    Args:
        target: Where every connection leads, whatever was asked for.

    Attributes:
        asked: The names and ports that were asked for.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.asked: list[tuple[str, int]] = []

    @property
    def address(self) -> str:
        host, port = self._server.getsockname()
        return f"{host}:{port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._lead, args=(client,), daemon=True).start()

    def _lead(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, client.makefile("rb") as reads:
            _, methods = reads.read(2)
            reads.read(methods)
            client.sendall(b"\x05\x00")
            kind = reads.read(4)[3]
            host = reads.read(reads.read(1)[0]).decode() if kind == 3 else ""
            if kind == 1:
                host = socket.inet_ntoa(reads.read(4))
            (port,) = struct.unpack(">H", reads.read(2))
            self.asked.append((host, port))
            with socket.create_connection(self._target) as server:
                client.sendall(b"\x05\x00\x00\x01" + bytes(6))
                threading.Thread(target=_pump, args=(server, client), daemon=True).start()
                _pump(client, server)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
