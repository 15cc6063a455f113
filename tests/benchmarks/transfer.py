"""Throughput of the fetch child against curl and ``hf_hub_download``, over loopback.

Run with ``python -m tests.benchmarks.transfer --size-mb 2000 --rounds 3``. The hub sends with
``sendfile``, so that it is not what is measured. Each client writes to the same disk; the child's
time includes SHA-256, flushing to the disk and starting Python, which the others do not all do.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from shammah_tui.core.fetch_messages import FETCH_EVENTS, Fetched, FetchJob, Progressed, Resolved
from shammah_tui.core.model_spec import WeightsFile
from shammah_tui.core.wire import decode, encode
from tests.loopback.hub import LoopbackHub

_REPO, _FILE = "bench/model", "model.gguf"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="disk to measure on"
    )
    parser.add_argument("--per-connection-mb-s", type=float, help="rate of each connection")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, _hub(folder, options) as hub:
        clients: dict[str, Callable[[Path], None]] = {
            "curl": lambda to: _curl(hub, to),
            "curl, then fsync": lambda to: _curl(hub, to, flush=True),
            "hf_hub_download": lambda to: _library(hub, to),
            "fetch child": lambda to: _child(hub, to),
        }
        times: dict[str, list[float]] = {name: [] for name in clients}
        processor: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(options.rounds):
            for name, client in clients.items():
                before_s = _processor_s()
                times[name].append(_timed(client, Path(folder) / "to"))
                processor[name].append(_processor_s() - before_s)
        size_mb = options.size_mb
        curl_s = statistics.median(times["curl"])
        for name, seconds in times.items():
            median_s = statistics.median(seconds)
            print(
                f"{name:16} {size_mb / median_s:7.0f} MB/s  {curl_s / median_s:5.2f} of curl  "
                f"({', '.join(f'{each:.2f}' for each in seconds)} s, "
                f"{statistics.median(processor[name]):.2f} s of processor)"
            )
        print(f"most connections at once: {hub.most_open_bodies}")


def _hub(folder: str, options: argparse.Namespace) -> LoopbackHub:
    source = Path(folder) / "source"
    block = os.urandom(1 << 20)
    with source.open("wb") as file:
        for _ in range(options.size_mb * 1_000_000 // len(block)):
            file.write(block)
    hub = LoopbackHub()
    hub.add_repo(_REPO, {_FILE: source})
    if options.per_connection_mb_s:
        hub.throttle(options.per_connection_mb_s * 1e6, per_connection=True)
    return hub


def _timed(client: Callable[[Path], None], to: Path) -> float:
    to.mkdir()
    os.sync()
    began_s = time.perf_counter()
    client(to)
    seconds = time.perf_counter() - began_s
    shutil.rmtree(to)
    return seconds


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _curl(hub: LoopbackHub, to: Path, *, flush: bool = False) -> None:
    url = f"{hub.url}/{_REPO}/resolve/main/{_FILE}"
    subprocess.run(["curl", "-sSfL", "-o", str(to / "file"), url], check=True)
    if flush:
        with (to / "file").open("rb+") as file:
            os.fsync(file.fileno())


def _library(hub: LoopbackHub, to: Path) -> None:
    code = (
        "import sys; from huggingface_hub import hf_hub_download; "
        "hf_hub_download(sys.argv[1], sys.argv[2], endpoint=sys.argv[3], cache_dir=sys.argv[4])"
    )
    environment = {**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
    arguments = [sys.executable, "-c", code, _REPO, _FILE, hub.url, str(to)]
    subprocess.run(arguments, check=True, env=environment)


def _child(hub: LoopbackHub, to: Path) -> None:
    job = FetchJob(hub.url, _REPO, None, (WeightsFile(_FILE),), None, str(to))
    command = [sys.executable, "-m", "shammah_tui.engine.fetch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(encode(job).encode() + b"\n")
        child.stdin.flush()
        peak_kb = 0
        events = []
        began_s = time.perf_counter()
        for line in child.stdout:
            event = decode(line.decode(), FETCH_EVENTS)
            events.append(event)
            if isinstance(event, Resolved):
                began_s = time.perf_counter()
            if isinstance(event, Progressed):
                peak_kb = _peak_kb(child.pid) or peak_kb
        assert isinstance(events[-1], Fetched), events[-1]
        seconds = time.perf_counter() - began_s
        print(
            f"fetch child: peak {peak_kb / 1024:.0f} MB of memory, {len(events)} events, "
            f"{seconds:.2f} s without starting Python and asking the Hub"
        )


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines["VmHWM"].split()[0]) if "VmHWM" in lines else 0


if __name__ == "__main__":
    main()
