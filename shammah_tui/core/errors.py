"""Errors whose text is one sentence that a person can act on."""

from enum import StrEnum


class ShammahError(Exception):
    """Base of the program's own errors; ``str(error)`` is a sentence for the screen."""


class WireError(ShammahError):
    """A line between the app and a child process could not be understood."""


class InvalidModelError(ShammahError):
    """What was given as a model is neither a known id, a repository nor a file."""


class MissingFileError(InvalidModelError):
    """What was given as a model is a path, and there is no file."""


class InvalidAdapterError(ShammahError):
    """What was chosen as a LoRA adapter is none."""


class BackendProblem(StrEnum):
    """Why a backend could not reply, as far as the other side's chance is concerned."""

    NO_KEY = "no key"
    BAD_KEY = "key refused"
    UNREACHABLE = "unreachable"
    OVERLOADED = "overloaded"
    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    REFUSED = "request refused"
    CONTEXT_TOO_LONG = "conversation too long"
    ENGINE_GONE = "engine gone"
    NOT_READY = "not ready"


class BackendError(ShammahError):
    """A backend gave no reply, or broke off in the middle of one.

    Attributes:
        problem: The kind of trouble, used for the reply's label and for taking over.
    """

    def __init__(self, problem: BackendProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem
