"""Measures how much memory this machine moves in a second."""

import ctypes
import mmap
import threading
import time
from functools import cache

MIB = 2**20
BUFFER_BYTES = 16 * MIB
MOST_THREADS = 4
"""Two to four cores already take all that a desktop's memory gives. With a source and a target each
this is 128 MiB: more than the caches of such a machine."""
COPYING_S = 0.06
"""With filling the buffers once it takes 0.1 to 0.15 s."""


@cache
def memory_bytes_per_s(cores: int) -> float | None:
    """Return how many bytes are read and written in a second; measured once in a process.

    Copied by ``memmove``, which does not hold Python's lock. Up to twice as much where the caches
    hold the buffers, as those of servers do, and as little as half while other programs work.

    Args:
        cores: How many there are; all but one are used, and at most ``MOST_THREADS``.

    Returns:
        None where there is no memory for the buffers.
    """
    # One core is left to the screen.
    threads = max(1, min(cores - 1, MOST_THREADS))
    try:
        pairs = [(_buffer(), _buffer()) for _ in range(threads)]
    except OSError:
        return None
    copied = [0] * threads

    def copy(number: int) -> None:
        target, source = pairs[number]
        # New memory is only mapped, and to one page of zeros: written to, it is there.
        ctypes.memset(source, 1, BUFFER_BYTES)
        ctypes.memmove(target, source, BUFFER_BYTES)
        filled.wait()
        end_s = time.perf_counter() + COPYING_S
        while time.perf_counter() < end_s:
            ctypes.memmove(target, source, BUFFER_BYTES)
            copied[number] += BUFFER_BYTES

    filled = threading.Barrier(threads + 1)
    workers = [threading.Thread(target=copy, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    filled.wait()
    began_s = time.perf_counter()
    for worker in workers:
        worker.join()
    return 2 * sum(copied) / (time.perf_counter() - began_s)


def _buffer() -> ctypes.Array[ctypes.c_char]:
    """Return memory that is only mapped: one of ctypes' own is filled while Python's lock is held.

    Raises:
        OSError: There is none.
    """
    return (ctypes.c_char * BUFFER_BYTES).from_buffer(mmap.mmap(-1, BUFFER_BYTES))
