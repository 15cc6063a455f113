"""One sentence for each way in which an engine child ends."""

import signal

import pytest

from shammah_tui.core.wording.engine import end_by_exit, end_by_memory


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
    sentence = end_by_exit(returncode).sentence
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_memory_is_told_in_figures_where_they_explain_it() -> None:
    told = end_by_memory(5_100_000_000, 3_200_000_000).sentence
    assert told.startswith("The model needs 5.1 GB of memory, 3.2 GB was free: close")
    assert "memory ran out" in end_by_memory(1, 2).cause
