"""A hub of one file, at a pace that one can watch."""

import hashlib
import json
import re
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shammah_tui.commands.demo.loopback import LoopbackHandler, LoopbackServer

REPO = "demo/SmolLM2-135M-Instruct-GGUF"
"""Nobody's on the real Hub: the file comes from here."""

_SLICE_BYTES = 32 * 1024
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class DemoHub(LoopbackServer):
    """What the program asks a Hub: the list of a repository's files, a file's digest, its bytes.

    Attributes:
        bytes_per_s: The pace of all connections together; may change at any moment.
    """

    def __init__(self, file: Path, bytes_per_s: float) -> None:
        super().__init__(_Handler)
        self.file = file
        self.bytes_per_s = bytes_per_s
        self.size_bytes = file.stat().st_size
        with file.open("rb") as opened:
            self.sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        self.commit = self.sha256[:40]
        self._free_s = 0.0
        self._lock = threading.Lock()

    def wait_turn(self, size_bytes: int) -> None:
        """Hold a slice back so that the pace is kept."""
        with self._lock:
            now = time.monotonic()
            self._free_s = max(self._free_s, now) + size_bytes / self.bytes_per_s
            wait_s = self._free_s - now
        time.sleep(wait_s)


class _Handler(LoopbackHandler):
    server: DemoHub

    def do_HEAD(self) -> None:  # noqa: N802 - its name
        self._answer()

    def do_GET(self) -> None:  # noqa: N802 - its name
        self._answer()

    def _answer(self) -> None:
        hub = self.server
        path = unquote(urlsplit(self.path).path)
        if path.startswith(f"/api/models/{REPO}"):
            stored = {"sha256": hub.sha256, "size": hub.size_bytes}
            listed = {"rfilename": hub.file.name, "size": hub.size_bytes, "lfs": stored}
            found = {"id": REPO, "sha": hub.commit, "siblings": [listed]}
            self.answer(200, json.dumps(found).encode())
        elif path.startswith(f"/{REPO}/resolve/") and path.endswith(f"/{hub.file.name}"):
            self._send_file()
        else:
            self.answer(404, b"{}", X_Error_Code="RepoNotFound")

    def _send_file(self) -> None:
        hub = self.server
        start, end = 0, hub.size_bytes
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if asked is not None:
            start, end = int(asked[1]), min(end, int(asked[2] or end) + 1)
        self.send_response(200 if asked is None else 206)
        if asked is not None:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{hub.size_bytes}")
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", f'"{hub.sha256}"')
        self.send_header("X-Repo-Commit", hub.commit)
        self.end_headers()
        if self.command == "HEAD":
            return
        with hub.file.open("rb") as file:
            for at in range(start, end, _SLICE_BYTES):
                count = min(_SLICE_BYTES, end - at)
                hub.wait_turn(count)
                file.seek(at)
                self.wfile.write(file.read(count))
