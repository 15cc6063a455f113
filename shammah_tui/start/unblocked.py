"""Writing to a terminal that may have stopped taking anything."""

import os


def open_unblocked(descriptor: int) -> int:
    """Return a new descriptor of the same terminal, which takes what it can and never waits.

    It is an opening of its own: the flag would count for the shell's descriptor, too. Where the
    terminal cannot be opened again, it is a second number of the same opening, which may wait.

    Raises:
        OSError: The descriptor is none.
    """
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return os.dup(descriptor)


def write_within(seconds: float, descriptor: int, data: bytes) -> bool:
    """Write; return whether the terminal has taken all of it in time.

    A terminal that has gone away takes nothing more; there is nobody left to tell.
    """
    from time import monotonic, sleep

    opened = -1
    until_s = monotonic() + seconds
    try:
        opened = open_unblocked(descriptor)
        while data:
            try:
                data = data[os.write(opened, data) :]
            except BlockingIOError:
                if monotonic() > until_s:
                    return False
                sleep(0.005)
    except OSError:
        return False
    finally:
        if opened >= 0:
            os.close(opened)
    return True
