"""Whatever ends the child, the next one goes on from the block where it was."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shammah_tui.core.protocol.block_map import decode_entries, decode_header, kept_bytes
from shammah_tui.core.protocol.fetch_messages import Checked, Fetched, Progressed, Resolved
from shammah_tui.core.protocol.wire import encode
from shammah_tui.ports import ChildExited
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, FetchRun, clean_environment, job_for
from tests.loopback.hub import LoopbackHub

SIZE = 8_000_001
CONTENT = random.Random(9).randbytes(SIZE)


def partial_map(cache: Path) -> bytes:
    (path,) = cache.rglob("*.shammah.map")
    return path.read_bytes()


def missing_after(cache: Path) -> int:
    """Return the bytes that are still to be fetched, after comparing those that are there."""
    content = partial_map(cache)
    header = decode_header(content)
    assert header is not None
    (data_path,) = cache.rglob("*.shammah")
    data = data_path.read_bytes()
    missing = 0
    for block, entry in enumerate(decode_entries(content, header)):
        start = block * header.block_bytes
        if entry:
            assert data[start : start + header.block_bytes] == CONTENT[start:][: header.block_bytes]
        else:
            missing += header.length_of(block)
    return missing


def asked_for(hub: LoopbackHub, first: int) -> int:
    """Return how many bytes were asked for, from request number ``first`` on."""
    total = 0
    for request in hub.requests_of("cdn")[first:]:
        assert request.range is not None
        start, end = map(int, request.range.removeprefix("bytes=").split("-"))
        total += end + 1 - start
    return total


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_at_most_a_block_comes_twice(
    hub: LoopbackHub, tmp_path: Path, seed: int
) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(20e6)
    cache = tmp_path / "hub"
    job = job_for(hub, cache, FILE)
    chance = random.Random(seed)
    for _ in range(3):
        run = FetchRun(job, tmp_path)
        aim = hub.bytes_served + chance.randrange(200_000, 2_000_000)
        hub.wait_for_bytes(aim)
        run.kill()
        shown = max((event.done_bytes for event in run.of(Progressed)), default=0)
        # What was on the bar is there, but for a block that was under way.
        assert shown - kept_bytes(partial_map(cache)) <= BLOCK_BYTES
    missing = missing_after(cache)
    requests = len(hub.requests_of("cdn"))
    run = FetchRun(job, tmp_path)
    result = run.result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert asked_for(hub, requests) == missing
    checks = run.of(Checked)
    assert checks[-1].checked_bytes == checks[-1].kept_bytes == SIZE - missing


def test_damaged_blocks_alone_are_fetched_again(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(20e6)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(5_000_000)
    run.kill()
    kept = kept_bytes(partial_map(cache))
    (data,) = cache.rglob("*.shammah")
    with data.open("r+b") as file:
        for block in (2, 3, 20):
            file.seek(block * BLOCK_BYTES + 17)
            file.write(b"\0\xff\0\xff")
    requests = len(hub.requests_of("cdn"))
    result = FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert asked_for(hub, requests) == SIZE - kept + 3 * BLOCK_BYTES
    assert [request.first_byte for request in hub.requests_of("cdn")[requests:]] == [
        2 * BLOCK_BYTES,
        20 * BLOCK_BYTES,
        kept,
    ]


@pytest.mark.parametrize("cut_off", ["data", "map", "map end", "both"])
def test_records_cut_off_by_a_power_cut_are_no_danger(
    hub: LoopbackHub, tmp_path: Path, cut_off: str
) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(20e6)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(5_000_000)
    run.kill()
    (data,), (record,) = cache.rglob("*.shammah"), cache.rglob("*.shammah.map")
    if cut_off in ("data", "both"):
        os.truncate(data, data.stat().st_size // 2)
    if cut_off in ("map", "both"):
        os.truncate(record, 0)
    if cut_off == "map end":
        os.truncate(record, 4096 + 4 * 10 + 1)
    result = FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT


def test_several_connections_survive_being_killed(hub: LoopbackHub, tmp_path: Path) -> None:
    """Each connection gives 2 MB/s: more of them raise the rate, and none loses a byte."""
    content = random.Random(10).randbytes(24_000_000)
    hub.add_repo(REPO, {FILE: content})
    hub.throttle(2e6, per_connection=True)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for(lambda: hub.open_bodies >= 3)
    served = hub.bytes_served
    hub.wait_for_bytes(served + 2_000_000)
    run.kill()
    record = partial_map(cache)
    header = decode_header(record)
    assert header is not None
    entries = decode_entries(record, header)
    kept = [block for block, entry in enumerate(entries) if entry]
    assert kept != list(range(len(kept))), "several stretches were under way"
    requests = len(hub.requests_of("cdn"))
    hub.throttle(None)
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    result = run.result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == content
    assert asked_for(hub, requests) == len(content) - kept_bytes(record)


def test_a_line_that_is_shared_gets_no_more_connections(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: random.Random(10).randbytes(16_000_000)})
    hub.throttle(8e6)
    assert isinstance(FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path).result(), Fetched)
    # One more was tried, brought nothing, and was taken away again.
    assert hub.most_open_bodies == 2


@pytest.mark.parametrize("how", ["stdin", "SIGTERM"])
def test_told_to_end_it_ends_at_once_and_keeps_what_came(
    hub: LoopbackHub, tmp_path: Path, how: str
) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(5e6)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(2_000_000)
    if how == "stdin":
        run.child.stop()
    else:
        os.kill(run.child.pid, signal.SIGTERM)
    ended = run.wait_for(lambda event: isinstance(event, ChildExited), 5.0)
    assert ended.returncode == 0
    # A megabyte may still be in the kernel's buffers.
    assert kept_bytes(partial_map(cache)) >= 1_000_000


def test_it_ends_when_nobody_reads_its_events(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(2e6)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.children.short_fetch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(tmp_path),
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(encode(job_for(hub, tmp_path / "hub", FILE)).encode() + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(10) == 0


def test_cancelled_in_part_two_part_one_stays(hub: LoopbackHub, tmp_path: Path) -> None:
    parts = [f"model-Q4_K_M-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    sizes = (2_000_000, 3_000_000, 1_000_000)
    contents = [random.Random(size).randbytes(size) for size in sizes]
    hub.add_repo(REPO, dict(zip(parts, contents, strict=True)))
    hub.throttle(8e6)
    cache = tmp_path / "hub"
    job = job_for(hub, cache, quant="Q4_K_M")
    run = FetchRun(job, tmp_path)
    run.wait_for(lambda e: isinstance(e, Progressed) and e.part == 2 and e.done_bytes > 3_000_000)
    run.kill()
    requests = len(hub.requests_of("cdn"))
    hub.throttle(None)
    run = FetchRun(job, tmp_path)
    result = run.result()
    assert isinstance(result, Fetched)
    assert [Path(path).read_bytes() for path in result.paths] == contents
    assert [Path(path).name for path in result.paths] == parts
    assert asked_for(hub, requests) <= sum(sizes) - 3_000_000 + BLOCK_BYTES
    resolved, progress = run.of(Resolved), run.of(Progressed)
    assert [file.size_bytes for file in resolved[0].files] == list(sizes)
    assert {(event.total_bytes, event.parts) for event in progress} == {(sum(sizes), 3)}
    assert {event.part for event in progress} == {2, 3}


def test_the_figures_never_go_back_in_one_run(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(10e6)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    for part in range(1, 5):
        hub.wait_for_bytes(part * 1_500_000)
        hub.cut_connections()
    assert isinstance(run.result(), Fetched)
    done = [event.done_bytes for event in run.of(Progressed)]
    assert done == sorted(done)
    assert done[-1] == SIZE


def test_after_sleep_it_goes_on(hub: LoopbackHub, tmp_path: Path) -> None:
    """Meanwhile the connections were dropped and the address has expired."""
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(5e6)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    hub.wait_for_bytes(3_000_000)
    run.wait_for(lambda event: isinstance(event, Progressed) and event.done_bytes > 1_000_000)
    os.kill(run.child.pid, signal.SIGSTOP)
    hub.expire_signatures()
    hub.cut_connections()
    hub.wait_for(lambda: hub.open_bodies == 0)
    before = len(run.events)
    os.kill(run.child.pid, signal.SIGCONT)
    result = run.result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert run.waits == ["the network"]
    # What was on its way when the connections were dropped is in nobody's hands.
    first, second = (request.first_byte for request in hub.requests_of("cdn"))
    assert second - first > 1_000_000
    shown = [event.done_bytes for event in run.events[:before] if isinstance(event, Progressed)]
    assert second >= shown[-1]


def test_with_another_address_it_goes_on(hub: LoopbackHub, tmp_path: Path) -> None:
    """Nobody says that the old connections are dead; new ones work."""
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(5e6)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    hub.wait_for_bytes(3_000_000)
    hub.deafen()
    hub.throttle(None)
    result = run.result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert "the network" in run.waits
    assert hub.bytes_served <= SIZE + BLOCK_BYTES
    done = [event.done_bytes for event in run.of(Progressed)]
    assert done == sorted(done)
