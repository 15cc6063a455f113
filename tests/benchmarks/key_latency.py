"""``python -m tests.benchmarks.key_latency``: from a key pressed to its letter on the screen.

The real program in a real pseudo-terminal, idle and while its engine generates with all the threads
that it takes by itself. What is timed ends when the emulated terminal shows the letter in the
composer, so the terminal's own work is in the figures. The model has Qwen2.5-0.5B's shape with
random weights (0.7 GB); ``--small`` takes a tenth of it. Run it on an idle machine.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.engine import FULL, REPLY, SMALL
from tests.end_to_end.terminal import ENTER, ESCAPE, Terminal
from tests.gguf_models import build_model

LIMIT_S = 0.050
"""At the 99th percentile."""
KEYS = 300
PAUSE_S = (0.03, 0.15)
"""Between two keys: nobody waits for the letter before, and a fast typist takes 100 ms."""
LETTERS = "etaoinshrdlu"
LOAD_TIMEOUT_S = 120.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a model of 80 MB")
    parser.add_argument("--keys", type=int, default=KEYS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shape = SMALL if arguments.small else FULL
        model = build_model(Path(folder, "endless.gguf"), reply=REPLY, endless=True, shape=shape)
        with _program(Path(folder), model) as terminal:
            idle = [_press_one(terminal) for _ in range(arguments.keys)]
            _clear(terminal)
            terminal.send(f"Tell me.{ENTER}")
            terminal.wait_for("The boats come home", LOAD_TIMEOUT_S)
            busy = [_press_one(terminal) for _ in range(arguments.keys)]
            assert "Stop" in terminal.footer, "the reply must still be under way"
            terminal.send(ESCAPE)
    _print("idle", idle)
    worst = _print("while the engine generates", busy)
    print(f"limit {LIMIT_S * 1e3:.0f} ms at the 99th percentile: {_verdict(worst)}")


@contextmanager
def _program(folder: Path, model: Path) -> Iterator[Terminal]:
    home = folder / "home"
    home.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "shammah_tui", "--offline", "--model", str(model)]
    with Terminal(command, environment, folder, columns=100, rows=30) as terminal:
        terminal.wait_for("ready · CPU", LOAD_TIMEOUT_S)
        # The speed is measured for about two seconds after a load.
        time.sleep(4)
        yield terminal


def _press_one(terminal: Terminal) -> float:
    time.sleep(random.uniform(*PAUSE_S))
    if len(terminal.composer) > 40:
        _clear(terminal)
    letter = random.choice(LETTERS)
    wanted = terminal.composer + letter
    began_s = time.perf_counter()
    terminal.send(letter)
    terminal.wait_for(lambda each: each.composer == wanted)
    return time.perf_counter() - began_s


def _clear(terminal: Terminal) -> None:
    # ctrl+u deletes to the start of the line.
    terminal.send("\x15")
    terminal.wait_for(lambda each: not each.composer)


def _print(name: str, seconds: list[float]) -> float:
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    print(
        f"{name}: median {statistics.median(ordered) * 1e3:.1f} ms, 99th percentile"
        f" {late * 1e3:.1f} ms, worst {ordered[-1] * 1e3:.1f} ms of {len(ordered)} keys"
    )
    return late


def _verdict(seconds: float) -> str:
    return "kept" if seconds <= LIMIT_S else "NOT kept"


if __name__ == "__main__":
    main()
