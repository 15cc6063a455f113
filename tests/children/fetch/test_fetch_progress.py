"""The bar: often enough, not too often, steady; the limit; memory."""

import itertools
import os
import random
from pathlib import Path

import pytest

from shammah_tui.core.protocol.fetch_messages import Fetched, Progressed
from tests.children.fetch_runs import FILE, REPO, FetchRun, job_for
from tests.loopback.hub import LoopbackHub


@pytest.mark.parametrize("rate", [30_000, 3_000_000])
def test_the_bar_moves_at_least_four_times_a_second(
    hub: LoopbackHub, tmp_path: Path, rate: int
) -> None:
    seconds = 4
    size = rate * seconds
    hub.add_repo(REPO, {FILE: random.Random(13).randbytes(size)})
    hub.throttle(rate)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, "shammah_tui.children.fetch")
    assert isinstance(run.result(), Fetched)
    progress = run.of(Progressed)
    moves = sum(a.done_bytes < b.done_bytes for a, b in itertools.pairwise(progress))
    assert moves >= 4 * seconds - 2
    assert len(progress) <= 10 * seconds + 10
    rates = [event.rate_bytes_per_s for event in progress if event.rate_bytes_per_s]
    assert len(rates) >= 2 * seconds
    # At a constant rate the time left, which is what it is used for, does not jump.
    assert all(max(a, b) < 2 * min(a, b) for a, b in itertools.pairwise(rates))
    assert 0.6 * rate < rates[-1] < 1.4 * rate


def test_the_limit_holds(hub: LoopbackHub, tmp_path: Path) -> None:
    size, limit = 1_500_000, 500_000
    hub.add_repo(REPO, {FILE: random.Random(14).randbytes(size)})
    job = job_for(hub, tmp_path / "hub", FILE, limit_bytes_per_s=limit)
    run = FetchRun(job, tmp_path)
    assert isinstance(run.result(), Fetched)
    rates = [event.rate_bytes_per_s for event in run.of(Progressed) if event.rate_bytes_per_s]
    assert rates
    assert max(rates) < 1.3 * limit
    assert hub.most_open_bodies == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_stays_flat(hub: LoopbackHub, tmp_path: Path) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        os.truncate(file.fileno(), 400_000_000)
    hub.add_repo(REPO, {FILE: source})
    hub.throttle(400e6)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, "shammah_tui.children.fetch")
    run.wait_for(lambda event: isinstance(event, Progressed) and event.done_bytes > 300_000_000)
    status = Path(f"/proc/{run.child.pid}/status").read_text()
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    assert isinstance(run.result(60.0), Fetched)
    assert peak_kib < 60 * 1024
