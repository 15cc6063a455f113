"""Throughput of the fetch child against curl and ``hf_hub_download``, over loopback.

Run with ``python -m tests.benchmarks.transfer --size-mb 2000 --rounds 3 --folder /dev/shm``: first
plain, then encrypted, as all real hubs are. The hub sends with ``sendfile`` or in whole records, so
that it is not what is measured. Each client writes to the same disk; the child's time includes
SHA-256, flushing to the disk and starting Python, which curl's does not. So three more figures are
printed: curl followed by a program that makes the digest, which is the same work; a bare loop in
Python that receives, writes and makes the digest, and nothing else, so that what the child spends
beyond it is its own; and the *ceiling*, the best that anybody could do who makes the digest while
the file arrives: the processor seconds of curl, of the hub and of SHA-256, spread evenly over the
cores. Where others use the machine, compare the processor seconds.

One round is thrown away: a virtual machine's memory is slow when it is touched first.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.fetch_messages import (
    FETCH_EVENTS,
    Fetched,
    FetchJob,
    Progressed,
    Resolved,
)
from shammah_tui.core.protocol.wire import decode, encode
from tests.loopback.certificates import MadeUpAuthority
from tests.loopback.hub import LoopbackHub

_REPO, _FILE = "bench/model", "model.gguf"
_BARE_LOOP = "bare loop"


@dataclass(frozen=True)
class _Run:
    """One download: how long it took, and processor seconds of the client and of the hub."""

    seconds: float
    client_s: float
    hub_s: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--size-mb", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="disk to measure on"
    )
    parser.add_argument("--per-connection-mb-s", type=float, help="rate of each connection")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--plain", action="store_true", help="only without encryption")
    only.add_argument("--tls", action="store_true", help="only with encryption")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines = ["plain"] * (not options.tls) + ["tls"] * (not options.plain)
    results = {}
    for line in lines:
        print(f"{line}, {options.size_mb} MB", flush=True)
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            results[line] = _measure_line(line, Path(name), options)
    if options.json is not None:
        options.json.write_text(json.dumps({"size_mb": options.size_mb, **results}, indent=2))


def _measure_line(line: str, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    context = None
    if line == "tls":
        authority = MadeUpAuthority(folder)
        os.environ["SSL_CERT_FILE"] = os.environ["CURL_CA_BUNDLE"] = str(authority.path)
        context = authority.server_context()
        context.sslsocket_class = _FullRecords
    with LoopbackHub(tls=context) as hub:
        _fill(hub, folder, options)
        return _measure(hub, folder, options)


def _measure(hub: LoopbackHub, folder: Path, options: argparse.Namespace) -> dict[str, object]:
    digest = ("openssl", "dgst", "-sha256") if shutil.which("openssl") else ("sha256sum",)
    clients: dict[str, Callable[[Path], None]] = {
        "curl": lambda to: _curl(hub, to),
        "curl, then fsync": lambda to: _curl(hub, to, flush=True),
        f"curl && {digest[0]}": lambda to: _curl(hub, to, digest=digest),
        "hf_hub_download": lambda to: _library(hub, to),
        _BARE_LOOP: lambda to: _bare_loop(hub, to),
        "fetch child": lambda to: _child(hub, to),
    }
    runs: dict[str, list[_Run]] = {name: [] for name in clients}
    for number in range(options.rounds + 1):
        for name, client in clients.items():
            run = _timed(client, folder / "to")
            if number:
                runs[name].append(run)
    results: dict[str, object] = {}
    curl_s = _median(runs["curl"], "seconds")
    for name, found in runs.items():
        median_s, client_s = _median(found, "seconds"), _median(found, "client_s")
        results[name] = figures = {
            "seconds": median_s,
            "processor_s": client_s,
            "hub_processor_s": _median(found, "hub_s"),
            "throughput_of_curl": curl_s / median_s,
            "processor_of_curl": client_s / _median(runs["curl"], "client_s"),
            "processor_of_bare_loop": client_s / _median(runs[_BARE_LOOP], "client_s"),
        }
        print(
            f"{name:18} {options.size_mb / median_s:5.0f} MB/s, {curl_s / median_s:.2f} of curl; "
            f"processor {client_s:.2f} s, {figures['processor_of_curl']:.2f} of curl, "
            f"{figures['processor_of_bare_loop']:.2f} of bare loop, "
            f"hub {figures['hub_processor_s']:.2f} s  "
            f"({', '.join(f'{each.seconds:.2f}' for each in found)} s)"
        )
    digest_s = _digest_s(folder / "source")
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    work_s = _median(runs["curl"], "client_s") + _median(runs["curl"], "hub_s") + digest_s
    ceiling = curl_s / max(curl_s, work_s / cores)
    print(
        f"ceiling: {ceiling:.2f} of curl on {cores} cores, with a digest that takes {digest_s:.2f} "
        f"s; most connections at once: {hub.most_open_bodies}"
    )
    return {**results, "ceiling_of_curl": ceiling}


class _FullRecords(ssl.SSLSocket):
    """Sends records of 16 KiB, as content networks do, instead of the library's 8 KiB."""

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:  # type: ignore[override]
        """Send all of ``count`` bytes."""
        assert count is not None
        data = os.pread(file.fileno(), count, offset)
        self.sendall(data)
        return len(data)


def _median(runs: list[_Run], field: str) -> float:
    return float(statistics.median(getattr(run, field) for run in runs))


def _fill(hub: LoopbackHub, folder: Path, options: argparse.Namespace) -> None:
    source = folder / "source"
    block = os.urandom(1 << 20)
    with source.open("wb") as file:
        for _ in range(options.size_mb * 1_000_000 // len(block)):
            file.write(block)
    hub.add_repo(_REPO, {_FILE: source})
    if options.per_connection_mb_s:
        hub.throttle(options.per_connection_mb_s * 1e6, per_connection=True)


def _timed(client: Callable[[Path], None], to: Path) -> _Run:
    to.mkdir()
    os.sync()
    client_s, hub_s = _processor_s(resource.RUSAGE_CHILDREN), _processor_s(resource.RUSAGE_SELF)
    began_s = time.perf_counter()
    client(to)
    seconds = time.perf_counter() - began_s
    client_s = _processor_s(resource.RUSAGE_CHILDREN) - client_s
    hub_s = _processor_s(resource.RUSAGE_SELF) - hub_s
    shutil.rmtree(to)
    return _Run(seconds, client_s, hub_s)


def _processor_s(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _digest_s(source: Path) -> float:
    """Return the processor seconds of SHA-256 alone, over bytes that are in memory."""
    buffer = memoryview(bytearray(1 << 18))
    digest, spent_s = hashlib.sha256(), 0.0
    with source.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            began_s = time.thread_time()
            digest.update(buffer[:count])
            spent_s += time.thread_time() - began_s
    return spent_s


def _curl(hub: LoopbackHub, to: Path, *, flush: bool = False, digest: tuple[str, ...] = ()) -> None:
    url = f"{hub.url}/{_REPO}/resolve/main/{_FILE}"
    subprocess.run(["curl", "-sSfL", "-o", str(to / "file"), url], check=True)
    if flush:
        with (to / "file").open("rb+") as file:
            os.fsync(file.fileno())
    if digest:
        subprocess.run([*digest, str(to / "file")], check=True, stdout=subprocess.DEVNULL)


def _library(hub: LoopbackHub, to: Path) -> None:
    code = (
        "import sys; from huggingface_hub import hf_hub_download; "
        "hf_hub_download(sys.argv[1], sys.argv[2], endpoint=sys.argv[3], cache_dir=sys.argv[4])"
    )
    environment = {**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1"}
    arguments = [sys.executable, "-c", code, _REPO, _FILE, hub.url, str(to)]
    subprocess.run(arguments, check=True, env=environment)


def _bare_loop(hub: LoopbackHub, to: Path) -> None:
    url = f"{hub.url}/{_REPO}/resolve/main/{_FILE}"
    command = [sys.executable, "-m", "tests.benchmarks.bare_loop", url, str(to / "file")]
    subprocess.run(command, check=True)


def _child(hub: LoopbackHub, to: Path) -> None:
    job = FetchJob(hub.url, _REPO, None, (WeightsFile(_FILE),), None, str(to))
    command = [sys.executable, "-m", "shammah_tui.children.fetch"]
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
