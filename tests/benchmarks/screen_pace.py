"""``python -m tests.benchmarks.screen_pace``: tokens/s on the screen against a bare decode loop.

The real program in a real pseudo-terminal shows a reply of 200 tokens, all different, while its
engine takes the threads that it takes by itself. What is timed begins when the emulated terminal
shows the first of them and ends when it shows the last, so the program's work and the terminal's
are in the figure. The bare loop runs in between, in a process of its own, with as many threads.
``--nice`` lowers the engine's priority first. The model has Qwen2.5-0.5B's shape with random
weights (0.7 GB); ``--small`` takes a tenth of it. Run it on an idle machine.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shammah_tui.children.llama.threads import usable_cores
from tests.benchmarks.engine import FULL, SMALL, bare_pace
from tests.end_to_end.terminal import ENTER, Terminal
from tests.gguf_models import build_model

TOKENS = 200
ROUNDS = 5
LIMIT = 0.95
LOAD_TIMEOUT_S = 120.0
REPLY_TIMEOUT_S = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a model of 80 MB")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, help="for both; default: as the engine decides")
    parser.add_argument("--nice", type=int, default=0, help="the engine's niceness")
    arguments = parser.parse_args()
    threads = arguments.threads or usable_cores()
    with tempfile.TemporaryDirectory() as folder:
        shape = SMALL if arguments.small else FULL
        reply = [f" t{number}".encode() for number in range(TOKENS)]
        model = build_model(Path(folder, "model.gguf"), reply=reply, shape=shape)
        on_screen, bare = [], []
        with _program(Path(folder), model, arguments.threads) as terminal:
            (engine,) = terminal.children("children.llama")
            engine.nice(arguments.nice)
            for number in range(arguments.rounds):
                bare.append(bare_pace(model, threads, TOKENS)[0])
                on_screen.append(_pace(terminal, number))
    ratio = statistics.median(on_screen) / statistics.median(bare)
    print(f"on the screen {_list(on_screen)}, bare loop {_list(bare)} tokens/s, {threads} threads")
    print(f"screen: median {ratio:.3f} of the bare loop, best {max(on_screen) / max(bare):.3f}")
    print(f"limit {LIMIT}: {'kept' if ratio >= LIMIT else 'NOT kept'}")


def _pace(terminal: Terminal, number: int) -> float:
    question = f"Count for the {number}. time"
    terminal.send(f"{question}{ENTER}")

    def shown(last: int) -> float:
        # What stands below the newest question: the replies before are the same.
        def is_shown(each: Terminal) -> bool:
            lines = each.screen
            below = [i for i, line in enumerate(lines) if question in line]
            text = " ".join(lines[below[-1] + 1 :]) if below else ""
            return f" t{last} " in f"{text} "

        terminal.wait_for(is_shown, REPLY_TIMEOUT_S)
        return time.perf_counter()

    began_s, ended_s = shown(0), shown(TOKENS - 1)
    terminal.wait_for(lambda each: "Stop" not in each.footer)
    return (TOKENS - 1) / (ended_s - began_s)


@contextmanager
def _program(folder: Path, model: Path, threads: int | None) -> Iterator[Terminal]:
    home = folder / "home"
    settings = home / ".config" / "shammah"
    settings.mkdir(parents=True)
    if threads is not None:
        (settings / "config.toml").write_text(f"[local]\nthreads = {threads}\n")
    environment = {
        "HOME": str(home),
        "SHAMMAH_STARTER": "off",
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "shammah_tui", "--offline", "--model", str(model)]
    # Tall enough for all of a reply, so that nothing scrolls away.
    with Terminal(command, environment, folder, columns=100, rows=50) as terminal:
        terminal.wait_for("ready · CPU", LOAD_TIMEOUT_S)
        # The speed is measured for about two seconds after a load.
        time.sleep(4)
        yield terminal


def _list(values: list[float]) -> str:
    return " ".join(f"{value:.1f}" for value in values)


if __name__ == "__main__":
    main()
