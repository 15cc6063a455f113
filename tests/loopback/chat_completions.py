"""What an OpenAI-compatible server can do wrong, or differently, on loopback.

How such a server does well is tested with llama-cpp-python's own; see ``tests.llama_server``.
"""

import json
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ONE_MODEL = {"object": "list", "data": [{"id": "qwen3.5-9b"}]}
END = "[DONE]"
STEP_S = 0.01
"""How often a stream that hangs looks whether the client has gone."""


def delta(text: str = "", finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an event with a piece of text, with the end, or with other fields of a delta."""
    piece = {"content": text, **more} if text else more
    return {"choices": [{"index": 0, "delta": piece, "finish_reason": finish_reason}]}


@dataclass(frozen=True, slots=True)
class Plain:
    """A whole answer: JSON, or bytes as they are."""

    status: int = 200
    content: object = None
    kind: str = "application/json"
    location: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of events, a dict as JSON, text as it is.

    Attributes:
        events: In order.
        then: How it ends: ``end`` as HTTP wants it, ``drop`` in the middle, ``hang`` until the
            server is closed.
    """

    events: Iterable[dict[str, Any] | str]
    then: str = "end"


@dataclass(frozen=True, slots=True)
class Gone:
    """No answer: the connection is closed."""


Reaction = Plain | Events | Gone


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; header names are lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


class LoopbackCompletions:
    """The server; use it as a context manager.

    Attributes:
        gets: What each path answers; any other is 404.
        posts: What the next chat completions meet, in order; the last stays.
        requests: Every request, in order of arrival.
        changed: Notified with each request.
        closed_early: Set once a client has closed the connection of a stream that hangs.
    """

    def __init__(self) -> None:
        self.gets: dict[str, Reaction | Callable[[], Reaction]] = {
            "/v1/models": Plain(content=ONE_MODEL)
        }
        self.posts: deque[Reaction | Callable[[Request], Reaction]] = deque(
            [Events([delta("Hello."), delta(finish_reason="stop"), END])]
        )
        self.requests: list[Request] = []
        self.changed = threading.Condition()
        self.closed_early = threading.Event()
        self.is_over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.completions = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """Its address, without ``/v1``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop; may be called twice."""
        if not self.is_over.is_set():
            self.is_over.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def asked(self, path: str) -> list[Request]:
        """Return the requests for ``path``."""
        return [request for request in self.requests if request.path == path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    completions: LoopbackCompletions


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the standard library from printing every request."""

    def do_GET(self) -> None:
        self._note({})
        reaction = self.server.completions.gets.get(self.path, Plain(404, {"detail": "Not Found"}))
        self._react(reaction() if callable(reaction) else reaction)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        request = self._note(body)
        posts = self.server.completions.posts
        reaction = posts.popleft() if len(posts) > 1 else posts[0]
        self._react(reaction(request) if callable(reaction) else reaction)

    def _note(self, body: dict[str, Any]) -> Request:
        completions = self.server.completions
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, body)
        with completions.changed:
            completions.requests.append(request)
            completions.changed.notify_all()
        return request

    def _react(self, reaction: Reaction) -> None:
        self.close_connection = True
        match reaction:
            case Plain():
                content = reaction.content
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(reaction.status)
                self.send_header("content-type", reaction.kind)
                self.send_header("content-length", str(len(raw)))
                if reaction.location:
                    self.send_header("location", reaction.location)
                self.end_headers()
                self.wfile.write(raw)
            case Events():
                self._stream(reaction)
            case Gone():
                pass

    def _stream(self, reaction: Events) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in reaction.events:
            data = event if isinstance(event, str) else json.dumps(event)
            raw = f"data: {data}\n\n".encode()
            self.wfile.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
            self.wfile.flush()
        if reaction.then == "end":
            self.wfile.write(b"0\r\n\r\n")
        elif reaction.then == "hang":
            while not self.server.completions.is_over.wait(STEP_S):
                readable, _, _ = select.select([self.connection], [], [], 0)
                if readable and not self.connection.recv(1, socket.MSG_PEEK):
                    self.server.completions.closed_early.set()
                    return
