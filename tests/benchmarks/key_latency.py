"""``python -m tests.benchmarks.key_latency``: from a key pressed to its letter on the screen.

The real program in a real pseudo-terminal, in each situation that may hold a key up: right after
the start, while anthropic is imported; idle; while a model loads; while its engine generates with
all the threads that it takes by itself; while Claude's reply streams at 100 tokens/s; and while a
model is downloaded. What is timed begins with the write and ends with the read that brings the
letter; what the emulated terminal needs to draw it, in Python, is not in it.

The model has Qwen2.5-0.5B's shape with random weights (0.7 GB); ``--small`` takes a tenth of it.
Run it on an idle machine; the load average is printed beside the figures.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.engine import FULL, REPLY, SMALL
from tests.end_to_end.terminal import ENTER, ESCAPE, PLACEHOLDER, Terminal
from tests.gguf_models import Shape, build_model
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI

LIMIT_S = 0.050
"""At the 99th percentile."""
KEYS = 200
ROWS = 30
PAUSE_S = (0.03, 0.15)
"""Between two keys: nobody waits for the letter before, and a fast typist takes 100 ms."""
LETTERS = "etaoinshrdlu"
WAIT_S = 120.0
KEY = "sk-ant-benchmark-0123456789"
PACE_S = 0.01
DOWNLOAD_BYTES = 60_000_000
DOWNLOAD_BYTES_PER_S = 2_000_000
REPO, FILE = "test/Tiny-GGUF", "Tiny-Q4_K_M.gguf"

SENTENCE = (
    "The boats come home with the **evening** wind, one after `another`, and the sea is grey. "
)
CODE = "\n".join(f"value_{n} = compute({n}, 'text')" for n in range(25))
ITEMS = "\n".join(f"- **Item {n}**: {SENTENCE}" for n in range(12))
TABLE = "| a | b | c |\n|---|---|---|\n" + "| 1 | boats | home |\n" * 6
CLAUDE_TEXT = "\n\n".join(
    [SENTENCE * 3, ITEMS, SENTENCE * 3, f"```py\n{CODE}\n```", "## Head", SENTENCE * 3, TABLE] * 20
)

Situations = dict[str, list[float]]


class Typing(Terminal):
    """A terminal that remembers what was typed into the composer: the screen may be half drawn."""

    typed = ""


def main() -> None:
    """Measure, print, and write the file that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a model of 80 MB")
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--only", help="a part of the situations' names")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted: list[Callable[[Path, int, Shape], Situations]] = [starting, streaming, downloading]
    wanted.append(generating)
    found: Situations = {}
    with tempfile.TemporaryDirectory() as folder:
        for measure in wanted:
            if not options.only or options.only in measure.__name__:
                home = Path(folder, measure.__name__)
                home.mkdir()
                found |= measure(home, options.keys, SMALL if options.small else FULL)
    result: dict[str, object] = {"load_average": os.getloadavg(), "keys": options.keys}
    print(f"load average {os.getloadavg()[0]:.1f}; ms from key to screen")
    for name, seconds in found.items():
        result[name] = figures = summary(seconds)
        verdict = "kept" if figures["p99"] <= LIMIT_S * 1e3 else "NOT kept"
        said = "  ".join(f"{figure} {value:6.1f}" for figure, value in figures.items())
        print(f"{name:28} {said}  {LIMIT_S * 1e3:.0f} ms {verdict}")
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def summary(seconds: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and the worst, in milliseconds."""
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    figures = {"p50": statistics.median(ordered), "p99": late, "worst": ordered[-1]}
    return {name: round(value * 1e3, 1) for name, value in figures.items()}


def starting(home: Path, keys: int, _shape: Shape) -> Situations:
    """Type in the first seconds, in as many starts as it takes."""
    seconds: list[float] = []
    with LoopbackMessagesAPI(key=KEY) as api:
        while len(seconds) < keys:
            with program(home, api, "--offline", wait_for=PLACEHOLDER) as terminal:
                seconds += typed(terminal, min(20, keys - len(seconds)), pause_s=(0.02, 0.08))
    return {"right after the start": seconds}


def streaming(home: Path, keys: int, _shape: Shape) -> Situations:
    """Type idly, then while Claude's reply comes."""
    with LoopbackMessagesAPI(key=KEY, pace_s=PACE_S) as api:
        api.reply_with(CLAUDE_TEXT)
        with program(home, api, "--offline", wait_for=PLACEHOLDER) as terminal:
            time.sleep(4)  # What is imported after the start is there.
            idle = typed(terminal, keys)
            streamed: list[float] = []
            while len(streamed) < keys:
                clear(terminal)
                terminal.send(f"Tell me.{ENTER}")
                terminal.wait_for(lambda each: "Stop" in each.footer)
                while "Stop" in terminal.footer and len(streamed) < keys:
                    streamed.append(pressed(terminal))
                terminal.send(ESCAPE)
                terminal.wait_for(lambda each: "Stop" not in each.footer)
    return {"idle": idle, "while Claude's reply streams": streamed}


def downloading(home: Path, keys: int, _shape: Shape) -> Situations:
    """Type while a download runs."""
    weights = home / FILE
    build_model(weights, size_bytes=DOWNLOAD_BYTES)
    with LoopbackMessagesAPI(key=KEY) as api, LoopbackHub() as hub:
        hub.add_repo(REPO, {FILE: weights})
        hub.throttle(DOWNLOAD_BYTES_PER_S)
        with program(home, api, "--model", REPO, wait_for="Downloading", hub=hub.url) as terminal:
            seconds = typed(terminal, keys)
            assert "Downloading" in terminal.header, "the download must still be under way"
    return {"while a download runs": seconds}


def generating(home: Path, keys: int, shape: Shape) -> Situations:
    """Type while a model loads, and while it generates."""
    model = build_model(home / "endless.gguf", reply=REPLY, endless=True, shape=shape)
    command = ("--offline", "--model", str(model))
    loading: list[float] = []
    with LoopbackMessagesAPI(key=KEY) as api:
        while len(loading) < keys // 4:
            with program(home, api, *command, wait_for=PLACEHOLDER) as terminal:
                while "ready · CPU" not in terminal.header:
                    loading.append(pressed(terminal, pause_s=(0.02, 0.08)))
        with program(home, api, *command, wait_for="ready · CPU") as terminal:
            # The speed is measured for about two seconds after a load.
            time.sleep(4)
            clear(terminal)
            terminal.send(f"@local Tell me.{ENTER}")
            terminal.wait_for("The boats come home", WAIT_S)
            seconds = typed(terminal, keys)
            assert "Stop" in terminal.footer, "the reply must still be under way"
            terminal.send(ESCAPE)
    return {"while a model loads": loading, "while the engine generates": seconds}


@contextmanager
def program(
    home: Path, api: LoopbackMessagesAPI, *arguments: str, wait_for: str, hub: str = ""
) -> Iterator[Typing]:
    """Run the program until the end of the block, from when ``wait_for`` is on its screen."""
    environment = {
        "HOME": str(home),
        "SHAMMAH_STARTER": "off",
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(Path.cwd()),
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": api.url,
        **({"HF_ENDPOINT": hub} if hub else {}),
    }
    command = [sys.executable, "-m", "shammah_tui", *arguments]
    with Typing(command, environment, home, columns=100, rows=ROWS) as terminal:
        terminal.wait_for(wait_for, WAIT_S)
        yield terminal


def typed(terminal: Typing, count: int, pause_s: tuple[float, float] = PAUSE_S) -> list[float]:
    """Press ``count`` keys and return the seconds that each took."""
    return [pressed(terminal, pause_s) for _ in range(count)]


def pressed(terminal: Typing, pause_s: tuple[float, float] = PAUSE_S) -> float:
    """Press one key after a pause and return the seconds until its letter was there."""
    time.sleep(random.uniform(*pause_s))
    if len(terminal.typed) > 40:
        clear(terminal)
    letter = random.choice(LETTERS)
    terminal.typed += letter
    began_s = time.perf_counter()
    terminal.send(letter)
    terminal.wait_for(lambda each: written(each) == terminal.typed)
    return terminal.read_s - began_s


def written(terminal: Terminal) -> str:
    """Return what stands in the composer, as long as that is one line."""
    row = terminal.row(ROWS - 3).strip().removeprefix("│").removesuffix("│").strip()
    return "" if row == PLACEHOLDER else row


def clear(terminal: Typing) -> None:
    """Empty the composer: ctrl+u deletes to the start of the line."""
    terminal.send("\x15")
    terminal.typed = ""
    terminal.wait_for(lambda each: not written(each))


if __name__ == "__main__":
    main()
