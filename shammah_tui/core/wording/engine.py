"""What is said of the engine child: why it ended, and what is wrong with a model's file."""

import signal
from dataclasses import dataclass

from shammah_tui.core.protocol.engine_messages import Notice
from shammah_tui.core.text.units import format_size

_LOAD_AGAIN = "load it again, or choose another model."

_BY_SIGNAL = {
    signal.SIGKILL: (
        "The system stopped the local model, probably because memory ran out",
        "close other programs, or choose a smaller model.",
    ),
    signal.SIGTERM: ("Another program stopped the local model", _LOAD_AGAIN),
    signal.SIGILL: (
        "This build of llama.cpp needs instructions that this processor lacks",
        "install llama-cpp-python again, built on this machine.",
    ),
}
_CRASHES = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE}


@dataclass(frozen=True, slots=True)
class EngineEnd:
    """Why an engine is gone or could not load; ``advice`` is empty where ``cause`` says it."""

    cause: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.cause}: {self.advice}" if self.advice else self.cause


def end_by_hang(silence_s: float) -> EngineEnd:
    cause = f"The local model hung (no sign of life for {silence_s:g} s) and was stopped"
    return EngineEnd(cause, _LOAD_AGAIN)


def end_by_exit(returncode: int) -> EngineEnd:
    """Return why an engine child ended without being told to.

    A negative ``returncode`` is the number of the signal that ended it.
    """
    if returncode >= 0:
        return EngineEnd(f"The local model stopped unexpectedly (status {returncode})", _LOAD_AGAIN)
    try:
        number = signal.Signals(-returncode)
    except ValueError:
        return EngineEnd(f"The local model was stopped by signal {-returncode}", _LOAD_AGAIN)
    if number in _CRASHES:
        cause = f"The local model crashed inside llama.cpp ({number.name})"
        return EngineEnd(cause, _LOAD_AGAIN)
    by_name = (f"The local model was stopped by {number.name}", _LOAD_AGAIN)
    return EngineEnd(*_BY_SIGNAL.get(number, by_name))


def end_by_memory(need_bytes: int, free_bytes: int) -> EngineEnd:
    """Return why an engine ended that was expected to need more memory than was free."""
    if need_bytes <= free_bytes:
        return end_by_exit(-signal.SIGKILL)
    return EngineEnd(
        f"The model needs {format_size(need_bytes)} of memory, {format_size(free_bytes)} was free",
        "close other programs, or choose a smaller one",
    )


_ELSEWHERE = "download a newer conversion of this model"
GUESSED_TEMPLATE = Notice(
    "This file has no chat template",
    "ChatML is a guess, because its vocabulary knows it. Where replies look odd, set chat_template "
    "under [local], or choose an instruct model",
)
NO_PRE_TOKENIZER = Notice(
    "This file does not say how its model cuts text into words (tokenizer.ggml.pre), so replies "
    "will be worse",
    _ELSEWHERE,
)
BAD_TOKENS = Notice("This file's special tokens are wrong, so replies may not end well", _ELSEWHERE)
DEGRADED = Notice("llama.cpp warns of worse replies from this file", _ELSEWHERE)
NO_END = Notice("This file has no token that ends a reply, so replies may not end", _ELSEWHERE)


def unknown_marker(marker: str) -> Notice:
    return Notice(
        f"The chat template writes {marker}, which is not a token of this model, so replies will "
        "be worse",
        f"set another chat_template under [local], or {_ELSEWHERE}",
    )
