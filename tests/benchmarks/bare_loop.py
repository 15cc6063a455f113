"""The least that Python can do to fetch a file: ``python -m tests.benchmarks.bare_loop URL TO``.

Receive into a buffer, write it, make the SHA-256 on a second thread, and nothing else: no resume,
no record of what has come, no flush to the disk, no progress, no bound on how long anything takes.
What the fetch child spends beyond this is its own.
"""

import hashlib
import os
import socket
import ssl
import sys
import threading
from queue import SimpleQueue
from urllib.parse import urlsplit

_BUFFER_BYTES = 256 * 1024
_BUFFERS = 8


def main() -> None:
    """Fetch the file that ``URL`` leads to, and make its digest."""
    url, to = sys.argv[1:]
    headers, connection = _ask("HEAD", url)
    connection.close()
    headers, connection = _ask("GET", headers["location"])
    left = int(headers["content-length"])
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    spare: SimpleQueue[memoryview] = SimpleQueue()
    for _ in range(_BUFFERS):
        spare.put(memoryview(bytearray(_BUFFER_BYTES)))
    filled: SimpleQueue[tuple[memoryview, int]] = SimpleQueue()
    digest = hashlib.sha256()
    thread = threading.Thread(target=_hash, args=(digest, spare, filled))
    thread.start()
    while left:
        view, count = spare.get(), 0
        most = min(_BUFFER_BYTES, left)
        while count < most:
            received = connection.recv_into(view[count:most])
            assert received
            count += received
        os.write(descriptor, view[:count])
        filled.put((view, count))
        left -= count
    filled.put((memoryview(b""), 0))
    thread.join()


def _hash(
    digest: "hashlib._Hash",
    spare: "SimpleQueue[memoryview]",
    filled: "SimpleQueue[tuple[memoryview, int]]",
) -> None:
    while True:
        view, count = filled.get()
        if not count:
            return
        digest.update(view[:count])
        spare.put(view)


def _ask(method: str, url: str) -> tuple[dict[str, str], socket.socket]:
    """Return the headers of the answer, by their names in small letters, and the connection."""
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    connection = socket.create_connection((parts.hostname, parts.port))
    if parts.scheme == "https":
        connection = ssl.create_default_context().wrap_socket(
            connection, server_hostname=parts.hostname
        )
    target = f"{parts.path}?{parts.query}"
    connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte
        head += byte
    lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
    return {name.lower(): value for name, _, value in lines}, connection


if __name__ == "__main__":
    main()
