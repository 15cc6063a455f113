"""A child process as a source of events: JSON lines both ways, stderr to a log file.

What a child writes to stderr holds names and paths from downloaded files, and comes from native
code, too: it is cleaned here, on this side of the pipe, where even a child that crashes cannot
leave an escape sequence in the log.
"""

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

from shammah_tui.adapters.files.log_files import clean_line
from shammah_tui.core.errors import WireError
from shammah_tui.core.protocol.wire import decode, encode
from shammah_tui.ports import ChildExited

log = logging.getLogger(__name__)

EXIT_GRACE_S = 2.0
"""How long a child may take to end after its stdin closed, and again after SIGTERM."""
LAST_WORDS_S = 1.0
"""How long after its end its last lines may take into the log."""
LONGEST_LINE = 1 << 16


class ChildProcess:
    """One running child.

    It gets a session of its own, so that the terminal's signals do not reach it, and is told to
    end by closing its stdin; a child that does not listen is terminated, then killed.

    Args:
        module: The module to run with ``python -m``.
        kinds: The dataclasses that it may send.
        on_event: Called on the reader thread with each event, and with ``ChildExited`` last.
        log_path: Where its stderr goes, appended.
        environment: Its whole environment.
    """

    def __init__(
        self,
        module: str,
        kinds: Iterable[type[Any]],
        on_event: Callable[[Any], None],
        log_path: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._kinds = tuple(kinds)
        self._on_event = on_event
        self._write_lock = threading.Lock()
        log_file = log_path.open("ab", buffering=0)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,
            )
        except BaseException:
            log_file.close()
            raise
        self._logger = threading.Thread(
            target=self._write_log, args=(log_file,), name=f"log {module}", daemon=True
        )
        self._logger.start()
        self._reader = threading.Thread(target=self._read, name=f"read {module}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: object) -> bool:
        """Write one message; return False when the child no longer listens."""
        assert self._process.stdin is not None
        try:
            with self._write_lock:
                self._process.stdin.write(encode(message).encode() + b"\n")
                self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """End the child at once, without a word; ``ChildExited`` follows."""
        self._process.kill()

    def stop(self) -> None:
        """End the child and return when it is over; may be called from any thread, and twice."""
        # A writer may hold the pipe, waiting for a child that has stopped reading; closing would
        # wait for that writer, so then only the signals are left.
        if self._write_lock.acquire(timeout=EXIT_GRACE_S):
            try:
                self._close_stdin()
            finally:
                self._write_lock.release()
        for end in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(EXIT_GRACE_S)
                break
            except subprocess.TimeoutExpired:
                end()
        self._process.wait()

    def _close_stdin(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            log.debug("The child had closed its input already")

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                try:
                    event = decode(line.decode(), self._kinds)
                except (WireError, UnicodeDecodeError):
                    log.exception("A child sent a line that cannot be read")
                    continue
                self._on_event(event)
        returncode = self._process.wait()
        # Its last words are in the log before anybody looks for them there; a grandchild that
        # still holds the pipe is not waited for.
        self._logger.join(LAST_WORDS_S)
        self._on_event(ChildExited(returncode))

    def _write_log(self, log_file: BinaryIO | RawIOBase) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines, log_file:
            while line := lines.readline(LONGEST_LINE):
                # A full disk is no reason to let the child wait for its pipe.
                with contextlib.suppress(OSError):
                    log_file.write(clean_line(line))
