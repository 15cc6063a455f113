"""What it means for the user that the engine child is gone."""

import signal

_LOAD_AGAIN = "load it again, or choose another model."

_BY_SIGNAL = {
    signal.SIGKILL: "The system stopped the local model, probably because memory ran out: close"
    " other programs, or choose a smaller model.",
    signal.SIGTERM: f"Another program stopped the local model: {_LOAD_AGAIN}",
    signal.SIGILL: "This build of llama.cpp needs instructions that this processor lacks: install"
    " llama-cpp-python again, built on this machine.",
}
_CRASHES = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE}


def hang_sentence(silence_s: float) -> str:
    """Return one sentence about an engine child that was ended after a silence."""
    return (
        f"The local model hung (no sign of life for {silence_s:g} s) and was stopped: {_LOAD_AGAIN}"
    )


def exit_sentence(returncode: int) -> str:
    """Return one sentence about an engine child that ended without being told to.

    Args:
        returncode: Its exit status; negative is the number of the signal that ended it.
    """
    if returncode < 0:
        try:
            cause = signal.Signals(-returncode)
        except ValueError:
            return f"The local model was stopped by signal {-returncode}: {_LOAD_AGAIN}"
        if cause in _CRASHES:
            return f"The local model crashed inside llama.cpp ({cause.name}): {_LOAD_AGAIN}"
        return _BY_SIGNAL.get(cause, f"The local model was stopped by {cause.name}: {_LOAD_AGAIN}")
    return f"The local model stopped unexpectedly (status {returncode}): {_LOAD_AGAIN}"
