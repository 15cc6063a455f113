"""What a command's exit status tells a script."""

from enum import IntEnum

from shammah_tui.core.fetch_messages import FetchProblem


class ExitStatus(IntEnum):
    """How a command ended; ``arguments.EPILOG`` says the same to the user."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_HERE = 3
    NO_NETWORK = 4
    NO_SPACE = 5
    INTERRUPTED = 130
    """128 and the number of SIGINT, as shells count."""


def status_of(problem: FetchProblem) -> ExitStatus:
    """Return the status for a fetch that ended without its files."""
    match problem:
        case FetchProblem.OFFLINE | FetchProblem.CAPTIVE_PORTAL | FetchProblem.GAVE_UP:
            return ExitStatus.NO_NETWORK
        case FetchProblem.NO_SPACE:
            return ExitStatus.NO_SPACE
        case FetchProblem.NOT_FOUND:
            return ExitStatus.NOT_HERE
        case _:
            return ExitStatus.FAILED
