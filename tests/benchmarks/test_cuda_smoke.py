"""The script for a machine with a card runs, here with a tiny model on what there is."""

import re

import pytest

from tests.benchmarks.cuda import main


def test_every_figure_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--tokens", "20", "--rounds", "1", "--turns", "5", "--stops", "2")
    main(("--shape", "tiny", "--quant", "F16", *few))
    said = capsys.readouterr().out
    for pattern in (
        r"device: \w+, 3 of 3 layers",
        r"probe: [\d.]+ tokens/s, prompt \d+ tokens/s",
        r"prompt: \d{4} tokens at \d+ tokens/s",
        r"pace: [\d.]+ of the bare loop",
        r"time to first token, [\w ,-]+: of \d+ tokens \d+ were read",
        r"turn 2 \d+ ms, turn 5 \d+ ms \(ratio [\d.]+\)",
        r"without reuse \d+ ms",
        r"stop while reading: median \d+ ms",
        r"stop while generating: median \d+ ms",
    ):
        assert re.search(pattern, said), said
