"""Puts questions to the terminal and takes its answers, leaving it as it was."""

import contextlib
import os
import select
import termios
import time
from collections.abc import Callable

TIMEOUT_S = 1.0
"""A terminal next door answers within 5 ms, one behind a slow SSH connection within 0.5 s."""

MOST_BYTES = 4096


def ask_terminal(
    reads: int,
    writes: int,
    questions: bytes,
    is_complete: Callable[[bytes], bool],
    timeout_s: float = TIMEOUT_S,
) -> bytes | None:
    """Return what came back until it was complete, or what had come in time.

    What a person types meanwhile is taken for an answer, too. None where this is no terminal, or
    not this program's turn to use it.
    """
    if not (os.isatty(reads) and os.isatty(writes)):
        return None
    try:
        # A job in the background would be stopped for touching the terminal.
        if os.tcgetpgrp(reads) != os.getpgrp():
            return None
        before = termios.tcgetattr(reads)
    except (OSError, termios.error):
        return None
    modes = termios.tcgetattr(reads)
    modes[3] &= ~(termios.ECHO | termios.ICANON)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    answers = b""
    try:
        termios.tcsetattr(reads, termios.TCSADRAIN, modes)
        os.write(writes, questions)
        until_s = time.monotonic() + timeout_s
        while not is_complete(answers) and len(answers) < MOST_BYTES:
            readable, _, _ = select.select([reads], [], [], max(0.0, until_s - time.monotonic()))
            if not readable:
                break
            piece = os.read(reads, MOST_BYTES)
            if not piece:
                break
            answers += piece
    except (OSError, termios.error):
        # It has gone away; the caller will find out when it writes.
        return answers
    finally:
        # What comes too late must not be read by the shell as if it had been typed.
        when = termios.TCSADRAIN if is_complete(answers) else termios.TCSAFLUSH
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(reads, when, before)
    return answers
