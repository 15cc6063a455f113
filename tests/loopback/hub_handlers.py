"""What the loopback hub's two servers answer."""

import json
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

from tests.loopback.hub import HubRepo, HubRequest, LoopbackHub, StoredFile
from tests.loopback.hub_faults import (
    AnswerStatus,
    BodyFault,
    CaptivePortal,
    Chunked,
    Drop,
    HangAfter,
    IgnoreRange,
    ResetAfter,
    ShiftRange,
    ShorterLength,
    Silence,
    TrickleAfter,
    WrongByte,
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin = ""
    timeout = 60

    @property
    def hub(self) -> LoopbackHub:
        return cast(LoopbackHub, self.server.hub)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing on stderr."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.hub.record(
            HubRequest(
                self.origin,
                self.command,
                self.path,
                self.headers["Range"],
                self.headers["Authorization"],
            )
        )
        to_hub = self.origin == "hub"
        if self.hub.is_deaf(self.connection):
            self._stay_silent()
            return
        if self.hub.take_fault(Drop, to_hub=to_hub):
            self.close_connection = True
            return
        if self.hub.take_fault(Silence, to_hub=to_hub):
            self._stay_silent()
            return
        if status := self.hub.take_fault(AnswerStatus, to_hub=to_hub):
            self.send(status.status, status.headers, b"no")
            return
        self.answer()

    def answer(self) -> None:
        raise NotImplementedError

    def send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_file(self, file: StoredFile, headers: dict[str, str]) -> None:
        """Send what was asked for of ``file``, with whatever fault is due."""
        take = self.hub.take_fault
        size = file.size_bytes
        if shorter := take(ShorterLength, to_hub=False):
            size -= shorter.size_bytes
        start, end = 0, size
        asked = self.headers["Range"]
        if asked and not take(IgnoreRange, to_hub=False):
            first, last = asked.removeprefix("bytes=").split("-")
            start, end = int(first), min(size, int(last) + 1 if last else size)
            if start >= size:
                self.send(416, {"Content-Range": f"bytes */{size}"})
                return
            if shift := take(ShiftRange, to_hub=False):
                start, end = start + shift.size_bytes, min(size, end + shift.size_bytes)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        else:
            self.send_response(200)
        chunked = take(Chunked, to_hub=False) is not None
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(end - start))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        if self.command == "HEAD":
            return
        self.hub.body_opened(1)
        try:
            self._send_body(file, start, end, chunked)
        finally:
            self.hub.body_opened(-1)

    def _send_body(self, file: StoredFile, start: int, end: int, chunked: bool) -> None:
        take = self.hub.take_fault
        wrong = take(WrongByte, to_hub=False)
        cut = take(BodyFault, to_hub=False)
        position = start
        with file.path.open("rb") as source:
            while position < end and not self.hub.closing.is_set():
                if self.hub.is_deaf(self.connection):
                    self._stay_silent()
                    return
                slow = None
                stop = end
                if cut is not None:
                    cut_at = start + cut.size_bytes
                    if position < cut_at:
                        stop = min(end, cut_at)
                    elif isinstance(cut, TrickleAfter):
                        slow = cut.bytes_per_s
                    else:
                        self._cut(cut)
                        return
                count = min(stop - position, self.hub.slice_bytes(slow))
                self.hub.wait_turn(count, slow)
                if chunked or wrong is not None:
                    source.seek(position)
                    data = bytearray(source.read(count))
                    if wrong is not None and position <= wrong.offset < position + count:
                        data[wrong.offset - position] ^= 0xFF
                    frame = (b"%x\r\n" % count, b"\r\n") if chunked else (b"", b"")
                    self.wfile.write(frame[0] + bytes(data) + frame[1])
                    sent = count
                else:
                    # Goes through the kernel's sendfile, and waits where the other side is slow.
                    sent = self.connection.sendfile(source, position, count)
                position += sent
                self.hub.count(self.origin, sent)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _stay_silent(self) -> None:
        """Return when the other side gives up, or the hub is closed."""
        self.close_connection = True
        self.connection.settimeout(None)
        self.connection.recv(1)

    def _cut(self, cut: BodyFault) -> None:
        self.close_connection = True
        cut.then()
        if isinstance(cut, HangAfter):
            self._stay_silent()
        elif isinstance(cut, ResetAfter):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()


class CdnHandler(_Handler):
    """Gives the bytes to who has a signed address, and wants no token."""

    origin = "cdn"

    def answer(self) -> None:
        signature = parse_qs(urlsplit(self.path).query).get("signature", [""])[0]
        file = self.hub.signed_file(signature)
        if file is None:
            self.send(403, {}, b"<Error><Code>AccessDenied</Code></Error>")
        elif self.headers["Authorization"]:
            self.send(400, {}, b"<Error><Code>InvalidArgument</Code></Error>")
        else:
            self.send_file(file, {"ETag": f'"{file.sha256[:32]}"', "Accept-Ranges": "bytes"})


class HubHandler(_Handler):
    """Names, metadata, tokens; ``resolve`` redirects to the other origin."""

    origin = "hub"

    def answer(self) -> None:
        if portal := self.hub.take_fault(CaptivePortal, to_hub=True):
            if portal.redirect:
                self.send(302, {"Location": "http://192.0.2.1/login"})
            else:
                self.send(200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>")
            return
        path = unquote(urlsplit(self.path).path)
        api = path.startswith("/api/models/")
        parts = path.removeprefix("/api/models/" if api else "/").split("/")
        if len(parts) < 2:
            self.send(404, {}, b"Not found")
            return
        name, rest = "/".join(parts[:2]), parts[2:]
        if name in self.hub.renamed:
            location = self.path.replace(name, self.hub.renamed[name], 1)
            self.send(307, {"Location": location})
            return
        repo = self.hub.repos.get(name)
        if not self._may_read(repo):
            return
        assert repo is not None
        if api:
            self._answer_api(repo, rest)
        elif len(rest) >= 3 and rest[0] == "resolve":
            self._answer_resolve(repo, rest[1], "/".join(rest[2:]))
        else:
            self.send(404, {}, b"Not found")

    def _may_read(self, repo: HubRepo | None) -> bool:
        authorization = self.headers["Authorization"]
        token = (authorization or "").removeprefix("Bearer ")
        if authorization and token not in self.hub.tokens:
            message = "Invalid credentials in Authorization header"
            self.send(401, {"X-Error-Message": message}, b'{"error":"Invalid credentials"}')
            return False
        if repo is None or (repo.private and not authorization):
            self._refuse(404 if authorization else 401, "RepoNotFound", "Repository not found")
            return False
        if repo.gated and not authorization:
            self._refuse(401, "GatedRepo", "Access to this model is restricted")
            return False
        return True

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send(status, {"X-Error-Code": code, "X-Error-Message": message}, b"{}")

    def _answer_resolve(self, repo: HubRepo, revision: str, name: str) -> None:
        commit = repo.commit_of(revision)
        if commit is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        file = repo.commits[commit].get(name)
        if file is None:
            headers = {"X-Repo-Commit": commit, "X-Error-Code": "EntryNotFound"}
            self.send(404, headers, b"Entry not found")
            return
        headers = {
            "X-Repo-Commit": commit,
            "X-Linked-Size": str(file.size_bytes),
            "X-Linked-Etag": f'"{file.sha256}"',
            "Location": self.hub.sign(file),
        }
        if not self.hub.tells_commits:
            del headers["X-Repo-Commit"]
        self.send(302, headers, b"Found. Redirecting")

    def _answer_api(self, repo: HubRepo, rest: list[str]) -> None:
        revision = rest[1] if len(rest) >= 2 and rest[0] in ("revision", "tree") else "main"
        commit = repo.commit_of(revision)
        if commit is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        files = sorted(repo.commits[commit].items())
        if rest[:1] == ["tree"]:
            tree = [_tree_entry(name, file) for name, file in files]
            self._send_json(commit, tree)
            return
        with_blobs = "blobs" in parse_qs(urlsplit(self.path).query)
        siblings = [_sibling(name, file, with_blobs) for name, file in files]
        info = {"id": repo.name, "modelId": repo.name, "sha": commit, "siblings": siblings}
        self._send_json(commit, info | {"private": repo.private, "gated": repo.gated, "tags": []})

    def _send_json(self, commit: str, value: object) -> None:
        headers = {"Content-Type": "application/json", "X-Repo-Commit": commit}
        self.send(200, headers, json.dumps(value).encode())


def _lfs(file: StoredFile) -> dict[str, object]:
    return {"sha256": file.sha256, "oid": file.sha256, "size": file.size_bytes, "pointerSize": 135}


def _sibling(name: str, file: StoredFile, with_blobs: bool) -> dict[str, object]:
    if not with_blobs:
        return {"rfilename": name}
    blob = file.sha256[:40]
    return {"rfilename": name, "size": file.size_bytes, "blobId": blob, "lfs": _lfs(file)}


def _tree_entry(name: str, file: StoredFile) -> dict[str, object]:
    blob = file.sha256[:40]
    return {"type": "file", "path": name, "size": file.size_bytes, "oid": blob, "lfs": _lfs(file)}
