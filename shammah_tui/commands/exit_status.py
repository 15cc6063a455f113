"""What a command's exit status tells a script."""

from enum import IntEnum

from shammah_tui.core.protocol.fetch_messages import FetchProblem


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


def status_of(problem: FetchProblem) -> ExitStatus:
    """Return the status for a fetch that ended without its files."""
    match problem:
        case FetchProblem.OFFLINE | FetchProblem.CAPTIVE_PORTAL | FetchProblem.GAVE_UP:
            return ExitStatus.NO_NETWORK
        case FetchProblem.NO_SPACE:
            return ExitStatus.NO_SPACE
        case FetchProblem.NOT_FOUND | FetchProblem.SEVERAL:
            return ExitStatus.NOT_HERE
        case _:
            return ExitStatus.FAILED
