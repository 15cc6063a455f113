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


class InUseError(ShammahError):
    """Another program is downloading the file, or it is not ours to delete."""


class InvalidLoraError(ShammahError):
    """What was chosen as a LoRA is none."""


def _capitalised(fact: str) -> str:
    """Return a fact as the beginning of a sentence; a variable's name stays as it is."""
    first = fact.partition(" ")[0]
    return fact[:1].upper() + fact[1:] if first.isalpha() else fact


class VariableError(ShammahError):
    """A variable of the environment cannot be used.

    Attributes:
        variable: Its name.
        fact: What is wrong with it; never its value, which may hold a password.
        advice: What to do.
    """

    def __init__(self, variable: str, fact: str, advice: str) -> None:
        super().__init__(f"{_capitalised(fact)}: {advice}, then start again")
        self.variable = variable
        self.fact = fact
        self.advice = advice


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
    STAYS_HERE = "stays on this machine"
    """Claude was not asked: what would have to be sent must not leave."""


class BackendError(ShammahError):
    """A backend gave no reply, or broke off in the middle of one.

    Attributes:
        problem: The kind of trouble, used for the reply's label and for taking over.
        fact: What is the matter, fit to follow ``because``.
        advice: What to do, fit to follow ``or``; empty where ``fact`` is a whole sentence.
        sentence_of_fact: The fact as the beginning of a sentence.
        context_length: Tokens that the conversation must fit into, where a refusal tells.
        prompt_tokens: Tokens that it has, where a refusal tells.
        is_question: Whether a conversation is too long that is nothing but its first question.
    """

    def __init__(
        self,
        problem: BackendProblem,
        fact: str,
        advice: str = "",
        *,
        context_length: int | None = None,
        prompt_tokens: int | None = None,
        is_question: bool = False,
    ) -> None:
        self.sentence_of_fact = said = _capitalised(fact)
        super().__init__(f"{said}: {advice}" if advice else said)
        self.problem = problem
        self.fact = fact
        self.advice = advice
        self.context_length = context_length
        self.prompt_tokens = prompt_tokens
        self.is_question = is_question


class StoreError(ShammahError):
    """The store could not read, import or export; ``str(error)`` is a sentence for the screen."""
