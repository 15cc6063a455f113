"""Runs a program in a pseudo-terminal and keeps what it writes, with the times."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect


def record(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    columns: int,
    rows: int,
    timeout_s: float,
) -> tuple[int, list[tuple[float, bytes]]]:
    """Return the program's status, and each piece that it wrote with its time in seconds.

    Nothing is drawn meanwhile: an emulated terminal takes as much of the processor as the program,
    and a model that writes beside it is three times slower.

    Raises:
        pexpect.TIMEOUT: Nothing came for so long.
    """
    program = pexpect.spawn(
        command[0],
        list(command[1:]),
        env=dict(environment),
        cwd=str(folder),
        dimensions=(rows, columns),
    )
    pieces: list[tuple[float, bytes]] = []
    try:
        while True:
            piece = program.read_nonblocking(65_536, timeout_s)
            pieces.append((time.perf_counter(), piece))
    except pexpect.EOF:
        program.wait()
        return program.exitstatus, pieces
    finally:
        program.close(force=True)
