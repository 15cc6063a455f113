"""What a command's exit status tells a script."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ended; the ``--help`` of each says which it has."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_HERE = 3
    NO_NETWORK = 4
    NO_SPACE = 5
    NO_KEY = 6
    """There is no key for Claude, or it was refused."""
    BUSY = 7
    """Overloaded, or too many requests: the same may do in a minute."""
    CUT_SHORT = 8
    """The reply is not whole; what came of it was written."""
    DECLINED = 9
    """The model declined."""
    TOO_LONG = 10
    """The conversation fits nobody's context."""
    INTERRUPTED = 130
    """128 and the number of SIGINT, as shells count."""
