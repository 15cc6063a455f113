"""Standard input beside a question: read where something is there, and never waited for in vain."""

import io
import os
import select
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from shammah_tui.core.wording import commands as words

PATIENCE_S = 1.0
"""For the first byte. Whoever pipes something in that takes longer to begin says so with ``-``."""


def read_piped(
    answers: TextIO | None, most: int, tell: Callable[[str], None], *, is_beside: bool, waits: bool
) -> bytes:
    """Return the bytes of standard input that belong to this question, at most ``most``.

    A terminal has none, unless they are asked for. Beside a question a file is read only from its
    beginning, a pipe or a socket only where its first byte is there within ``PATIENCE_S``, and
    neither where it is the input of a shell's loop, whose next lines are other questions.
    """
    if answers is None or answers.closed or (answers.isatty() and not waits):
        return b""
    try:
        number = answers.fileno()
    except (OSError, io.UnsupportedOperation):
        return _in_memory(answers, most)
    if is_beside and not waits:
        kind = os.fstat(number).st_mode
        if stat.S_ISREG(kind):
            if os.lseek(number, 0, os.SEEK_CUR) > 0:
                return b""
        elif not stat.S_ISCHR(kind):
            if _is_a_loops(number):
                tell(words.INPUT_NOT_OURS)
                return b""
            if not _is_ready(number):
                tell(words.NOTHING_PIPED)
                return b""
    return _read(number, most, tell)


def _read(number: int, most: int, tell: Callable[[str], None]) -> bytes:
    data = bytearray()
    is_told = False
    while len(data) < most:
        if not is_told and not _is_ready(number):
            tell(words.READING)
            is_told = True
        piece = os.read(number, min(1 << 20, most - len(data)))
        if not piece:
            break
        data += piece
    return bytes(data)


def _is_ready(number: int) -> bool:
    """Wait for the next byte, or the end, for as long as nobody needs to be told."""
    try:
        return bool(select.select([number], [], [], PATIENCE_S)[0])
    except ValueError:
        # A number that select cannot take: reading tells.
        return True


def _in_memory(answers: TextIO, most: int) -> bytes:
    if isinstance(answers, io.TextIOWrapper):
        data: bytes = answers.buffer.read(most)
        return data
    return answers.read(most).encode("utf-8", "surrogatepass")[:most]


def _is_a_loops(number: int) -> bool:
    """Return whether standard input is that of a shell's loop: ``… | while read q; do …``.

    There the shell has made a copy of itself that reads the same input. A script with the input of
    its own is no copy, and what it starts reads for it. Only Linux tells.
    """
    try:
        ours = os.stat(number)
        parent = Path(f"/proc/{os.getppid()}")
        shared = (parent / "fd" / "0").stat()
        if (ours.st_dev, ours.st_ino) != (shared.st_dev, shared.st_ino):
            return False
        # After the name, which may hold anything: the state, then the parent's parent.
        told = (parent / "stat").read_text(errors="replace").rpartition(")")[2].split()
        command = (parent / "cmdline").read_bytes()
        return command == Path(f"/proc/{told[1]}/cmdline").read_bytes()
    except (OSError, IndexError):
        return False
