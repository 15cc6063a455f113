"""``python -m tests.benchmarks.idle``: what the program costs while nobody does anything.

The real program in a pseudo-terminal with its screen still: CPU time and context switches of it
and all of its children, over 20 seconds. Without a model, with a model that is ready (its engine
is a child), and after a conversation of one turn with it.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.engine import REPLY
from tests.benchmarks.key_latency import program
from tests.end_to_end.terminal import ENTER, PLACEHOLDER, Terminal
from tests.gguf_models import build_model
from tests.loopback.messages_api import LoopbackMessagesAPI

SECONDS = 20.0
SETTLE_S = 8.0
"""After a load the speed is measured, and the first look at what is there is over."""
MOST_SHARE = 0.005
"""Of one core."""


def main() -> None:
    """Measure, print, and write the file that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result: dict[str, object] = {"load_average": os.getloadavg()}
    with tempfile.TemporaryDirectory() as folder, LoopbackMessagesAPI() as api:
        home = Path(folder, "home")
        home.mkdir()
        model = str(build_model(home / "model.gguf", reply=REPLY))
        with program(home, api, "--offline", wait_for=PLACEHOLDER) as terminal:
            report("no model", terminal, options.seconds, result)
        local = ("--offline", "--model", model)
        with program(home, api, *local, wait_for="ready · CPU") as terminal:
            report("ready", terminal, options.seconds, result)
            terminal.send(f"@local Tell me.{ENTER}")
            terminal.wait_for(REPLY)
            terminal.wait_for(lambda each: "Stop" not in each.footer)
            report("after a reply", terminal, options.seconds, result)
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def report(name: str, terminal: Terminal, seconds: float, result: dict[str, object]) -> None:
    """Print what the program and its children cost, one by one, and keep the sum."""
    time.sleep(SETTLE_S)
    processes = [terminal.program, *terminal.program.children(recursive=True)]
    before = [cost(each) for each in processes]
    written = len(terminal.written)
    time.sleep(seconds)
    after = [cost(each) for each in processes]
    total = 0.0
    for process, (cpu_0, switches_0), (cpu_1, switches_1) in zip(
        processes, before, after, strict=True
    ):
        share = (cpu_1 - cpu_0) / seconds
        total += share
        module = process.cmdline()[2:3]
        rate = (switches_1 - switches_0) / seconds
        print(f"  {module}: {share:.2%} of a core, {rate:.1f} context switches/s")
    drawn = len(terminal.written) - written
    verdict = "kept" if total < MOST_SHARE else "NOT kept"
    print(f"{name}: {total:.2%} of a core, {drawn} bytes drawn; {MOST_SHARE:.1%} {verdict}")
    result[name] = {"share": total, "bytes_drawn": drawn}


def cost(process: psutil.Process) -> tuple[float, int]:
    """Return CPU seconds and context switches so far, those of all threads."""
    # From the scheduler's own clock: CPU times are counted in ticks of 10 ms.
    tasks = Path(f"/proc/{process.pid}/task")
    switches, nanoseconds = 0, 0
    for task in tasks.iterdir():
        nanoseconds += int((task / "schedstat").read_text().split()[0])
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                switches += int(line.split()[1])
    return nanoseconds / 1e9, switches


if __name__ == "__main__":
    main()
