"""The Messages API on loopback: its rules, its server-sent events, its errors, and faults to order.

``with LoopbackMessagesAPI() as api: api.reply_with("…")``, then point ``ANTHROPIC_BASE_URL`` at
``api.url``. Thread-based, so that the program under test may run in this process or another.
"""

import json
import re
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.loopback.messages_faults import Drop, ErrorEvent, Fault, Hang, Page, StatusFault

STEP_S = 0.01
"""How often a held or paced stream looks whether the client has gone."""


@dataclass(frozen=True, slots=True)
class MessagesCall:
    """One request as it came in; header names are lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes = b""
    """The body as it came."""

    @property
    def key(self) -> str:
        """The key or token: the API takes it in either of two headers."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.headers.get("x-api-key") or bearer


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """What is replied.

    Attributes:
        text: The text, or a function of the request's body that returns it.
        stop_reason: Why it ends.
        model: The model that claims to have answered; None is the one that was asked for.
        cached_tokens: Tokens of the prompt that came out of the cache.
        thinking: Sent as a thinking block before the text, if not empty.
    """

    text: str | Callable[[dict[str, Any]], str] = "Hello."
    stop_reason: str = "end_turn"
    model: str | None = None
    cached_tokens: int = 0
    thinking: str = ""


class _ClientGoneError(Exception):
    """The other end closed the connection."""


class LoopbackMessagesAPI:
    """The server; use it as a context manager.

    Attributes:
        key: The only key that is accepted; None accepts any.
        models: The only models there are; None accepts any.
        pace_s: Seconds between two deltas.
        calls: Every request, in order of arrival.
        closed_early: Set once a client has closed the connection in the middle of a reply.
    """

    def __init__(self, *, key: str | None = None, pace_s: float = 0.0) -> None:
        self.key = key
        self.models: set[str] | None = None
        self.pace_s = pace_s
        self.calls: list[MessagesCall] = []
        self.closed_early = threading.Event()
        self._scripted = ScriptedReply()
        self._faults: deque[Fault] = deque()
        self._hold_after = 0
        self._is_open = threading.Event()
        self._is_open.set()
        self._is_over = threading.Event()
        self._arrived = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        """What ``ANTHROPIC_BASE_URL`` is to be."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def takes(self, key: str) -> bool:
        """Return whether a key or token is accepted."""
        return bool(key) and self.key in (None, key)

    def reply_with(self, text: str | Callable[[dict[str, Any]], str], **fields: Any) -> None:
        """Reply with this from now on; ``fields`` as in ``ScriptedReply``."""
        self._scripted = ScriptedReply(text, **fields)

    def fail_with(self, *faults: Fault) -> None:
        """Have each of the next requests meet one of these."""
        self._faults.extend(faults)

    def hold(self, after_deltas: int = 0) -> None:
        """Let every stream stop after so many deltas until ``release``."""
        self._hold_after = after_deltas
        self._is_open.clear()

    def release(self) -> None:
        """Let what is held, or hangs, go on."""
        self._is_open.set()

    def wait_for_calls(self, count: int, timeout_s: float = 30.0) -> list[MessagesCall]:
        """Return the calls once there are ``count`` of them.

        Raises:
            TimeoutError: They did not come.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.calls) >= count, timeout_s):
                raise TimeoutError(f"{len(self.calls)} of {count} requests came")
            return list(self.calls)

    def _note(self, call: MessagesCall) -> tuple[ScriptedReply, Fault | None]:
        with self._arrived:
            self.calls.append(call)
            self._arrived.notify_all()
            return self._scripted, self._faults.popleft() if self._faults else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    api: LoopbackMessagesAPI


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the standard library from printing every request."""

    def do_GET(self) -> None:
        """List the models, for which a key is needed and nothing is paid."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = MessagesCall(self.path, headers, {})
        api = self.server.api
        _, fault = api._note(call)
        if call.path.partition("?")[0] != "/v1/models":
            self._send_error(StatusFault(404, "not_found_error", "Not Found"))
        elif not api.takes(call.key):
            self._send_error(StatusFault(401, "authentication_error", "invalid x-api-key"))
        elif not self._meet_at_once(fault):
            models = [{"id": each, "type": "model"} for each in sorted(api.models or ())]
            answer = {"data": models, "has_more": False, "first_id": None, "last_id": None}
            self._send(200, "application/json", json.dumps(answer).encode())

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = MessagesCall(self.path, headers, body, raw)
        api = self.server.api
        scripted, fault = api._note(call)
        try:
            refusal = self._refusal(call)
            if refusal is not None:
                self._send_error(refusal)
            elif not self._meet_at_once(fault):
                self._reply(body, scripted, fault)
        except (_ClientGoneError, BrokenPipeError, ConnectionResetError):
            api.closed_early.set()
            self.close_connection = True

    def _meet_at_once(self, fault: Fault | None) -> bool:
        """Have a fault that comes before a reply; return whether that was the answer."""
        match fault:
            case StatusFault():
                self._send_error(fault)
            case Drop(after_deltas=None):
                self._drop()
            case Hang(after_deltas=None):
                self.server.api._is_open.clear()
                self._wait_for_release()
                return False
            case Page():
                self._send(200, "text/html", fault.html.encode())
            case _:
                return False
        return True

    def _refusal(self, call: MessagesCall) -> StatusFault | None:
        """Return what the API itself has against a request."""
        api, body = self.server.api, call.body
        if call.path != "/v1/messages":
            return StatusFault(404, "not_found_error", "Not Found")
        if not api.takes(call.key):
            return StatusFault(401, "authentication_error", "invalid x-api-key")
        if "anthropic-version" not in call.headers:
            return _invalid("anthropic-version: header is required")
        if api.models is not None and body.get("model") not in api.models:
            return StatusFault(404, "not_found_error", f"model: {body.get('model')}")
        if not isinstance(body.get("max_tokens"), int):
            return _invalid("max_tokens: Field required")
        if "system" in body and not body["system"]:
            return _invalid("system: text content blocks must be non-empty")
        messages = body.get("messages")
        if not messages:
            return _invalid("messages: at least one message is required")
        for number, message in enumerate(messages):
            if message.get("role") not in {"user", "assistant"}:
                return _invalid(f"messages.{number}.role: Input should be 'user' or 'assistant'")
            if not message.get("content", "").strip():
                return _invalid(f"messages.{number}: text content blocks must be non-empty")
        if messages[0]["role"] != "user":
            return _invalid('messages: first message must use the "user" role')
        last = messages[-1]
        if last["role"] == "assistant" and last["content"] != last["content"].rstrip():
            return _invalid("messages: final assistant content cannot end with trailing whitespace")
        return None

    def _reply(self, body: dict[str, Any], scripted: ScriptedReply, fault: Fault | None) -> None:
        text = scripted.text(body) if callable(scripted.text) else scripted.text
        message: dict[str, Any] = {
            "id": f"msg_{len(self.server.api.calls):024}",
            "type": "message",
            "role": "assistant",
            "model": scripted.model or body["model"],
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": count_tokens(json.dumps(body["messages"])),
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": scripted.cached_tokens,
                "output_tokens": 1,
            },
        }
        if body.get("stream"):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream; charset=utf-8")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self._stream(message, text, scripted, fault)
            return
        message["content"] = [{"type": "text", "text": text}]
        message["stop_reason"] = scripted.stop_reason
        message["usage"]["output_tokens"] = count_tokens(text)
        self._send(200, "application/json", json.dumps(message).encode())

    def _stream(
        self, message: dict[str, Any], text: str, scripted: ScriptedReply, fault: Fault | None
    ) -> None:
        api = self.server.api
        if isinstance(fault, ErrorEvent) and fault.after_deltas is None:
            self._event("error", error={"type": fault.kind, "message": fault.message})
            self.wfile.write(b"0\r\n\r\n")
            return
        self._event("message_start", message=message)
        index = 0
        if scripted.thinking:
            self._block(index, {"type": "thinking", "thinking": "", "signature": ""})
            self._delta(index, {"type": "thinking_delta", "thinking": scripted.thinking})
            self._event("content_block_stop", index=index)
            index += 1
        self._block(index, {"type": "text", "text": ""})
        self._event("ping")
        sent = 0
        for piece in pieces(text):
            if self._break_off(fault, sent):
                return
            if not api._is_open.is_set() and sent >= api._hold_after:
                self._wait_for_release()
            if sent and api.pace_s:
                self._pause(api.pace_s)
            self._delta(index, {"type": "text_delta", "text": piece})
            sent += 1
        if self._break_off(fault, sent):
            return
        if not api._is_open.is_set():
            self._wait_for_release()
        self._event("content_block_stop", index=index)
        delta = {"stop_reason": scripted.stop_reason, "stop_sequence": None}
        self._event("message_delta", delta=delta, usage={"output_tokens": count_tokens(text)})
        self._event("message_stop")
        self.wfile.write(b"0\r\n\r\n")

    def _break_off(self, fault: Fault | None, sent: int) -> bool:
        """Have a fault that is due after ``sent`` deltas; return whether the stream is over."""
        match fault:
            case ErrorEvent() if fault.after_deltas == sent:
                self._event("error", error={"type": fault.kind, "message": fault.message})
                self.wfile.write(b"0\r\n\r\n")
                return True
            case Drop() if fault.after_deltas == sent:
                self._drop()
                return True
            case Hang() if fault.after_deltas == sent:
                self.server.api._is_open.clear()
                self._wait_for_release()
        return False

    def _block(self, index: int, block: dict[str, Any]) -> None:
        self._event("content_block_start", index=index, content_block=block)

    def _delta(self, index: int, delta: dict[str, Any]) -> None:
        self._event("content_block_delta", index=index, delta=delta)

    def _event(self, kind: str, **fields: Any) -> None:
        data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
        event = f"event: {kind}\ndata: {data}\n\n".encode()
        self.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        self.wfile.flush()

    def _send_error(self, fault: StatusFault) -> None:
        if fault.message is None:
            self._send(fault.status, "text/html", b"<html>Bad gateway</html>", fault.headers)
            return
        error = {"type": "error", "error": {"type": fault.kind, "message": fault.message}}
        body = json.dumps(error).encode()
        self._send(fault.status, "application/json", body, fault.headers)

    def _send(
        self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("request-id", f"req_{len(self.server.api.calls):024}")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _wait_for_release(self) -> None:
        api = self.server.api
        while not api._is_open.wait(STEP_S):
            self._check_client()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, STEP_S))
            self._check_client()

    def _check_client(self) -> None:
        """Raise when the client has closed its end, or the server is to stop."""
        if self.server.api._is_over.is_set():
            raise _ClientGoneError
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise _ClientGoneError


def pieces(text: str) -> Iterator[str]:
    """Yield the deltas that a text comes in: words with the white space after them."""
    yield from re.findall(r"\S+\s*|\s+", text)


def count_tokens(text: str) -> int:
    """Return how many tokens the server says a text has: a fixed rule, not a real vocabulary."""
    return max(1, len(text) // 4)


def _invalid(message: str) -> StatusFault:
    return StatusFault(400, "invalid_request_error", message)
