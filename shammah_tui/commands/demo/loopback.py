"""A server on 127.0.0.1 that ends with the demonstration."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackServer(ThreadingHTTPServer):
    """Listens from the beginning; answers while it is ``serving``."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type["LoopbackHandler"]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a program that quits hangs up in the middle, and the screen is its own."""


class LoopbackHandler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing, as above."""

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send an answer; in the names of ``headers``, ``_`` stands for ``-``."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
