"""From the start of the program to its first frame, first key and takeover, and out again.

``python -m tests.benchmarks.startup [--runs 15] [--json FILE]`` runs the program and a bare Textual
app (Header, Static, Input, Footer) in turns, with elia too where that is installed, each in a
pseudo-terminal of 80 by 24 and with the keys typed before anybody can read them. It prints medians,
quartiles and the ratio of the medians. The time on the processor until the takeover is measured as
well: it hardly depends on what else the machine does.
"""

import argparse
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Input, Static


class Bare(App):
    def compose(self):
        yield Header()
        yield Static("Ask anything")
        yield Input()
        yield Footer()


Bare().run()
"""
TYPED = "q~w"
FRAME = b"sk anything"
"""In ours and the bare app: the cursor stands on the first letter."""
FULL_BYTES = 4_000
"""What anybody has written by then is a whole frame."""
TAKEN = re.compile(rb"\x1b\[>\d+u")
"""Textual asks for the kitty keyboard: from here on it reads keys itself."""
AGAIN_S = 0.05
"""Elia loses what is typed while it starts: there it is typed again until it is seen."""
BOUND_S = 20.0
MEASURES = ("first_frame", "first_key", "takeover", "takeover_cpu", "leaving")
BARE_NAME, OURS, ELIA = "bare", "shammah", "elia"
SETTLE_S = 1.0
"""Before it is asked to leave: what begins behind the first frame is over."""


def one_run(
    command: list[str], environment: dict[str, str], *, is_elia: bool = False
) -> dict[str, float]:
    """Return seconds from exec to each of ``MEASURES``; leaving counts from ctrl+q.

    Args:
        command: What to run.
        environment: Its environment, as a whole.
        is_elia: Whether it is the one that loses keys.

    Raises:
        TimeoutError: The keys did not come to be seen.
    """
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.write(terminal, TYPED.encode())
    found: dict[str, float] = {}
    written = b""
    asked = 0
    typed = began
    try:
        while "takeover" not in found:
            if time.perf_counter() - began > BOUND_S:
                raise TimeoutError(f"{command}: {written[-300:]!r}")
            if is_elia and b"\x1b[?1049h" in written and time.perf_counter() > typed + AGAIN_S:
                os.write(terminal, TYPED.encode())
                typed = time.perf_counter()
            if not select.select([terminal], [], [], AGAIN_S)[0]:
                continue
            written += os.read(terminal, 65_536)
            now = time.perf_counter() - began
            if written.count(b"\x1b[?2026$p") > asked:
                asked += 1
                os.write(terminal, b"\x1b[?2026;2$y")
            # What the line discipline echoes before is not the program's doing.
            _, _, drawn = written.partition(b"\x1b[?1049h")
            if FRAME in drawn or TYPED.encode() in drawn or len(drawn) > FULL_BYTES:
                found.setdefault("first_frame", now)
            if TYPED.encode() in drawn:
                found.setdefault("first_key", now)
            taken = TAKEN.search(drawn)
            if taken and TYPED.encode() in drawn[taken.end() :]:
                found["takeover"] = now
                found["takeover_cpu"] = _cpu_s(child)
        _drain(terminal, SETTLE_S)
        asked_to_leave = time.perf_counter()
        # Textual's way out at the time of elia, ctrl+c, and since.
        os.write(terminal, b"\x03" if is_elia else b"\x11")
        while select.select([terminal], [], [], BOUND_S)[0]:
            try:
                if not os.read(terminal, 65_536):
                    break
            except OSError:
                break
        os.waitpid(child, 0)
        child = 0
        found["leaving"] = time.perf_counter() - asked_to_leave
    finally:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        os.close(terminal)
    return found


def _cpu_s(process: int) -> float:
    """Return the seconds that a process has had on the processor, from Linux's scheduler."""
    nanoseconds = 0
    for path in Path(f"/proc/{process}/task").glob("*/schedstat"):
        nanoseconds += int(path.read_text().split()[0])
    return nanoseconds / 1e9


def _drain(terminal: int, seconds: float) -> None:
    """Read what is written meanwhile, so that nobody waits for it to be read."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 65_536)


def spread(values: list[float]) -> dict[str, float]:
    """Return least, quartiles and most, in milliseconds."""
    low, middle, high = statistics.quantiles(values, n=4)
    named = {"min": min(values), "q1": low, "median": middle, "q3": high, "max": max(values)}
    return {name: round(value * 1000, 1) for name, value in named.items()}


def compare(runs: int) -> dict[str, object]:
    """Run all in turns and return everything that was measured, with ratios to the bare app."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment = {**kept, "HOME": folder, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        commands = {
            BARE_NAME: [sys.executable, str(bare)],
            OURS: [sys.executable, "-m", "shammah_tui", "--offline"],
        }
        elia = shutil.which("elia")
        if elia is not None:
            commands[ELIA] = [elia]
        environment["PYTHONPATH"] = str(Path.cwd())
        for name, command in commands.items():
            # Bytecode is compiled, files are in memory.
            one_run(command, environment, is_elia=name == ELIA)
        timed: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                timed[name].append(one_run(command, environment, is_elia=name == ELIA))
    result: dict[str, object] = {"runs": runs, "load_average": os.getloadavg()}
    for measure in MEASURES:
        values = {name: [each[measure] for each in all_] for name, all_ in timed.items()}
        medians = {name: statistics.median(each) for name, each in values.items()}
        result[measure] = {
            **{name: spread(each) for name, each in values.items()},
            "ratios": {name: round(each / medians[BARE_NAME], 3) for name, each in medians.items()},
            "ratios_of_least": {
                name: round(min(each) / min(values[BARE_NAME]), 3) for name, each in values.items()
            },
        }
    return result


def main() -> None:
    """Measure, print, and write the file that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = compare(options.runs)
    print(f"{options.runs} runs each, load average {os.getloadavg()[0]:.1f}; ms")
    for measure in MEASURES:
        figures = result[measure]
        assert isinstance(figures, dict)
        for name, ratio in figures["ratios"].items():
            each, least = figures[name], figures["ratios_of_least"][name]
            print(
                f"{measure:12} {name:8} {each['median']:7.1f}  ({each['q1']}-{each['q3']})"
                f"  ratio {ratio:.2f}  (of the least: {least:.2f})"
            )
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
