"""One sentence for each way in which an engine child ends."""

import signal

import pytest

from shammah_tui.core.local.engine_exit import exit_sentence


@pytest.mark.parametrize(
    ("returncode", "words"),
    [
        (-signal.SIGKILL, "memory ran out"),
        (-signal.SIGABRT, "crashed inside llama.cpp (SIGABRT)"),
        (-signal.SIGSEGV, "crashed inside llama.cpp (SIGSEGV)"),
        (-signal.SIGBUS, "crashed inside llama.cpp (SIGBUS)"),
        (-signal.SIGILL, "instructions that this processor lacks"),
        (-signal.SIGTERM, "Another program stopped"),
        (-signal.SIGHUP, "SIGHUP"),
        (-250, "signal 250"),
        (0, "status 0"),
        (3, "status 3"),
    ],
)
def test_exit_sentence(returncode: int, words: str) -> None:
    sentence = exit_sentence(returncode)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
