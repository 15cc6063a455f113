"""A hub on loopback that speaks what the real one speaks, with faults to order.

Two servers: the Hub itself (names, metadata, tokens) and, on another origin, the content delivery
network that its signed addresses point to. Every request is recorded.
"""

import hashlib
import os
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.loopback.hub_faults import HubFault

FaultKind = TypeVar("FaultKind", bound=HubFault)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of one commit, on disk so that the kernel can send it."""

    path: Path
    size_bytes: int
    sha256: str


@dataclass(slots=True)
class HubRepo:
    """A model repository: its commits, and which one is ``main``."""

    name: str
    commits: dict[str, dict[str, StoredFile]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    private: bool = False

    def commit_of(self, revision: str) -> str | None:
        """Return the commit that ``revision`` names, or None."""
        commit = self.branches.get(revision, revision)
        return commit if commit in self.commits else None


@dataclass(frozen=True, slots=True)
class HubRequest:
    """One request as it came in."""

    origin: str
    method: str
    path: str
    range: str | None
    authorization: str | None

    @property
    def first_byte(self) -> int:
        """The first byte it asks for."""
        if self.range is None:
            return 0
        return int(self.range.removeprefix("bytes=").split("-")[0])


class LoopbackHub:
    """The two servers; use it as a context manager.

    Args:
        signed_for_s: How long a signed address is good.
        tls: Encrypts both servers; None is plain HTTP.
    """

    def __init__(self, signed_for_s: float = 3600.0, tls: ssl.SSLContext | None = None) -> None:
        self.signed_for_s = signed_for_s
        self.tls = tls
        self.repos: dict[str, HubRepo] = {}
        self.renamed: dict[str, str] = {}
        self.tokens: set[str] = {"hf_good"}
        self.tells_commits = True
        self.requests: list[HubRequest] = []
        self.served: Counter[str] = Counter()
        self.open_bodies = 0
        self.most_open_bodies = 0
        self.refused_handshakes = 0
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self._rate: float | None = None
        self._rate_per_connection = False
        self._slots: dict[int, float] = {}
        self._faults: list[HubFault] = []
        self._signatures: dict[str, tuple[StoredFile, float]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="loopback-hub-")
        self._connections: set[socket.socket] = set()
        self._deaf: set[socket.socket] = set()
        # Imported here because the handlers name this class.
        from tests.loopback.hub_handlers import CdnHandler, HubHandler

        self._servers = [_Server(self, HubHandler), _Server(self, CdnHandler)]
        scheme = "http" if tls is None else "https"
        self.url, self.cdn_url = (f"{scheme}://127.0.0.1:{s.server_port}" for s in self._servers)

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close both servers and every connection."""
        self.closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.cut_connections()
        self._folder.cleanup()

    # What it holds

    def add_repo(
        self,
        name: str,
        files: Mapping[str, bytes | Path],
        *,
        gated: bool = False,
        private: bool = False,
    ) -> str:
        """Add or replace a repository with one commit; return the commit."""
        repo = HubRepo(name, gated=gated, private=private)
        self.repos[name] = repo
        return self._commit(repo, {key: self._store(value) for key, value in files.items()})

    def replace_file(
        self, name: str, file: str, content: bytes | Path, *, keep_old_commit: bool = True
    ) -> str:
        """Upload another ``file`` under the same name; return the new commit."""
        repo = self.repos[name]
        old = repo.branches["main"]
        files = dict(repo.commits[old]) | {file: self._store(content)}
        commit = self._commit(repo, files)
        if not keep_old_commit:
            del repo.commits[old]
        return commit

    def rename_repo(self, old: str, new: str) -> None:
        """Move a repository; its old name redirects."""
        self.repos[new] = self.repos.pop(old)
        self.renamed[old] = new

    # How it behaves

    def throttle(self, bytes_per_s: float | None, *, per_connection: bool = False) -> None:
        """Bound the rate of all bodies together (or of each); may change at any moment."""
        self._rate = bytes_per_s
        self._rate_per_connection = per_connection

    def inject(self, *faults: HubFault) -> None:
        """Let these faults happen to the next requests, in this order."""
        with self.changed:
            self._faults.extend(faults)

    def clear_faults(self) -> None:
        """Behave from now on."""
        with self.changed:
            self._faults.clear()

    def expire_signatures(self) -> None:
        """Let every address that was signed so far be refused."""
        with self.changed:
            self._signatures = {key: (file, 0.0) for key, (file, _) in self._signatures.items()}

    def cut_connections(self) -> None:
        """Break every connection that is open now."""
        with self.changed:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def deafen(self) -> None:
        """Let every connection that is open now be silent for good; new ones work.

        So they look to a machine that comes back with another address: nobody tells it that the
        old ones are dead.
        """
        with self.changed:
            self._deaf = set(self._connections)

    def is_deaf(self, connection: socket.socket) -> bool:
        """Return whether nothing more may pass over a connection."""
        return connection in self._deaf

    # What it saw

    @property
    def bytes_served(self) -> int:
        """Bytes of file bodies handed to the kernel so far."""
        with self.changed:
            return sum(self.served.values())

    def requests_of(self, origin: str) -> list[HubRequest]:
        """Return the requests to ``hub`` or ``cdn``, oldest first."""
        with self.changed:
            return [request for request in self.requests if request.origin == origin]

    def wait_for(self, predicate: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Return as soon as ``predicate`` holds; it is asked whenever something happened."""
        with self.changed:
            assert self.changed.wait_for(predicate, timeout_s), "the hub never got there"

    def wait_for_bytes(self, count: int, timeout_s: float = 30.0) -> None:
        """Return as soon as ``count`` bytes of bodies have been served."""
        self.wait_for(lambda: sum(self.served.values()) >= count, timeout_s)

    # For the handlers

    def take_fault(self, *kinds: type[FaultKind], to_hub: bool) -> FaultKind | None:
        """Return the fault that this request shall have, if its turn has come."""
        with self.changed:
            for fault in self._faults:
                if not isinstance(fault, kinds) or fault.to_hub != to_hub:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def sign(self, file: StoredFile) -> str:
        """Return an absolute address on the other origin that is good for a while."""
        signature = os.urandom(12).hex()
        with self.changed:
            self._signatures[signature] = (file, time.monotonic() + self.signed_for_s)
        return f"{self.cdn_url}/blobs/{file.sha256}?signature={signature}"

    def signed_file(self, signature: str) -> StoredFile | None:
        """Return what a signature gives access to, or None when it has expired."""
        with self.changed:
            file, good_until = self._signatures.get(signature, (None, 0.0))
        return file if time.monotonic() < good_until else None

    def record(self, request: HubRequest) -> None:
        """Remember a request."""
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()

    def count(self, origin: str, size_bytes: int) -> None:
        """Count bytes of a body."""
        with self.changed:
            self.served[origin] += size_bytes
            self.changed.notify_all()

    def body_opened(self, change: int) -> None:
        """Count the bodies that are under way."""
        with self.changed:
            self.open_bodies += change
            self.most_open_bodies = max(self.most_open_bodies, self.open_bodies)

    def slice_bytes(self, bytes_per_s: float | None = None) -> int:
        """Return how many bytes to send in one go at the present rate."""
        rate = bytes_per_s or self._rate
        return 1 << 20 if rate is None else max(1, min(1 << 16, int(rate / 25)))

    def wait_turn(self, size_bytes: int, bytes_per_s: float | None = None) -> None:
        """Hold a body back so that the rate is kept."""
        rate = bytes_per_s or self._rate
        if rate is None:
            return
        lane = threading.get_ident() if self._rate_per_connection or bytes_per_s else 0
        now = time.monotonic()
        with self.changed:
            # Never more than 50 ms of unused allowance, so that a pause is no burst afterwards.
            start = max(self._slots.get(lane, 0.0), now - 0.05)
            self._slots[lane] = start + size_bytes / rate
        if (wait_s := self._slots[lane] - now) > 0:
            self.closing.wait(wait_s)

    def connection_opened(self, connection: socket.socket) -> None:
        """Remember a connection, to cut it at the end."""
        with self.changed:
            self._connections.add(connection)

    def handshake_refused(self) -> None:
        """Count a connection that ended before it was encrypted."""
        with self.changed:
            self.refused_handshakes += 1
            self.changed.notify_all()

    def connection_closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self.changed:
            self._connections.discard(connection)
            self.changed.notify_all()

    def _commit(self, repo: HubRepo, files: dict[str, StoredFile]) -> str:
        text = "".join(f"{name} {file.sha256}\n" for name, file in sorted(files.items()))
        seed = f"{repo.name} {len(repo.commits)} {text}"
        commit = hashlib.sha1(seed.encode()).hexdigest()
        repo.commits[commit] = files
        repo.branches["main"] = commit
        return commit

    def _store(self, content: bytes | Path) -> StoredFile:
        if isinstance(content, bytes):
            path = Path(self._folder.name) / hashlib.sha256(content).hexdigest()
            path.write_bytes(content)
        else:
            path = content
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(path, path.stat().st_size, digest)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, hub: LoopbackHub, handler: type[BaseHTTPRequestHandler]) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        if self.hub.tls is not None:
            try:
                request = self.hub.tls.wrap_socket(request, server_side=True)
            except OSError:
                # The other side does not trust the certificate.
                self.hub.handshake_refused()
                return
        self.hub.connection_opened(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.hub.connection_closed(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the other side hangs up in the middle all the time."""
