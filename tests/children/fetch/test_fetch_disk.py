"""The disk: too small, full on the way, read-only, without links; and other programs at work."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from shammah_tui.core.model.model_spec import WeightsFile, revision_of
from shammah_tui.core.protocol.block_map import kept_bytes
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    Progressed,
    RetryNow,
    Waiting,
)
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, FetchRun, job_for
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import EndAfter

SIZE = 3_000_001
CONTENT = random.Random(11).randbytes(SIZE)
MARGIN = 64 * 2**20
OTHER_PROGRAM = "another program that is downloading this file"


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """Return a hub with one model."""
    with LoopbackHub() as running:
        running.add_repo(REPO, {FILE: CONTENT})
        yield running


def partial_bytes(cache: Path) -> int:
    (path,) = cache.rglob("*.shammah.map")
    return kept_bytes(path.read_bytes())


def test_too_little_space_is_said_before_anything_is_fetched(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    lacking = 1_234_567
    free = {"FREE": str(SIZE + MARGIN - lacking)}
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, environment=free)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert (failed.problem, failed.retryable) == (FetchProblem.NO_SPACE, True)
    assert failed.sentence.startswith("1.2 MB too little free space in ")
    assert hub.bytes_served == 0


def test_space_is_needed_for_all_parts_but_not_for_what_is_kept(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    parts = [f"big-Q8_0-0000{number}-of-00002.gguf" for number in (1, 2)]
    hub.add_repo("owner/split", {name: CONTENT + name.encode() for name in parts})
    job = job_for(hub, tmp_path / "hub", *parts, repo="owner/split")
    total = 2 * (SIZE + len(parts[0]))
    too_little = {"FREE": str(MARGIN + total - 1)}
    assert isinstance(FetchRun(job, tmp_path, environment=too_little).result(), FetchFailed)
    hub.inject(EndAfter(size_bytes=2_000_000, times=99))
    hub.throttle(10e6)
    run = FetchRun(job, tmp_path)
    run.wait_for(lambda event: isinstance(event, Waiting))
    run.kill()
    hub.clear_faults()
    run = FetchRun(job, tmp_path, environment=too_little)
    assert isinstance(run.result(), Fetched)


def test_a_disk_that_fills_up_keeps_what_came(hub: LoopbackHub, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    job = job_for(hub, cache, FILE)
    full = {"FULL_AFTER": "1000000"}
    failed = FetchRun(job, tmp_path, environment=full).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.NO_SPACE
    assert "too little free space" in failed.sentence
    assert "the partial download is kept" in failed.sentence
    kept = 1_000_000 // BLOCK_BYTES * BLOCK_BYTES
    assert partial_bytes(cache) == kept
    requests = len(hub.requests_of("cdn"))
    assert isinstance(FetchRun(job, tmp_path).result(), Fetched)
    assert [each.first_byte for each in hub.requests_of("cdn")[requests:]] == [kept]


def test_a_disk_that_cannot_hold_large_files_is_named_as_such(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    too_large = {"TOO_LARGE_AFTER": "1000000"}
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, environment=too_large)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.NO_SPACE
    assert "cannot hold a file this large" in failed.sentence


def test_a_read_only_cache_is_named_with_the_way_out(hub: LoopbackHub) -> None:
    # Not below the test's own folder, which nobody else may enter.
    home = Path(tempfile.mkdtemp(prefix="shammah-read-only-"))
    try:
        home.chmod(0o755)
        cache = home / "hub"
        cache.mkdir()
        cache.chmod(0o555)
        user = {"USER": "65534"} if os.geteuid() == 0 else {}
        run = FetchRun(job_for(hub, cache, FILE), home, environment=user)
        failed = run.result()
    finally:
        shutil.rmtree(home)
    assert isinstance(failed, FetchFailed)
    assert (failed.problem, failed.retryable) == (FetchProblem.READ_ONLY, False)
    assert "cannot be written" in failed.sentence
    assert "HF_HUB_CACHE" in failed.sentence


@pytest.mark.parametrize("name", ["NO_LINKS", "HF_HUB_DISABLE_SYMLINKS"])
def test_without_links_the_file_is_moved_into_the_snapshot(
    hub: LoopbackHub, tmp_path: Path, name: str
) -> None:
    cache = tmp_path / "hub"
    job = job_for(hub, cache, FILE)
    result = FetchRun(job, tmp_path, environment={name: "1"}).result()
    assert isinstance(result, Fetched)
    path = Path(result.paths[0])
    assert not path.is_symlink()
    assert path.read_bytes() == CONTENT
    assert not list((cache / "models--owner--model" / "blobs").iterdir())
    served = hub.bytes_served
    assert FetchRun(job, tmp_path, environment={name: "1"}).result() == result
    assert hub.bytes_served == served


def test_another_program_at_the_same_file_is_waited_for(hub: LoopbackHub, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    etag = hub.repos[REPO].commits[hub.repos[REPO].branches["main"]][FILE].sha256
    lock = cache / ".locks" / "models--owner--model" / f"{etag}.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        run = FetchRun(job_for(hub, cache, FILE), tmp_path)
        waiting = run.wait_for(lambda event: isinstance(event, Waiting))
        assert waiting.waits_for == OTHER_PROGRAM
        assert waiting.progress.total_bytes == SIZE
        assert hub.bytes_served == 0
        # The other program is done: the bytes are there when it lets go.
        blob = cache / "models--owner--model" / "blobs" / etag
        blob.write_bytes(CONTENT)
    result = run.result()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert hub.bytes_served == 0


def test_two_children_at_the_same_file_fetch_it_once(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.throttle(5e6)
    cache = tmp_path / "hub"
    runs = [FetchRun(job_for(hub, cache, FILE), tmp_path) for _ in range(2)]
    results = [run.result() for run in runs]
    assert results[0] == results[1]
    assert isinstance(results[0], Fetched)
    assert hub.bytes_served == SIZE
    assert {OTHER_PROGRAM} == {reason for run in runs for reason in run.waits}


def test_when_the_other_program_dies_its_work_is_gone_on_with(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.throttle(3e6)
    cache = tmp_path / "hub"
    first = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(1_000_000)
    second = FetchRun(job_for(hub, cache, FILE), tmp_path)
    second.wait_for(lambda event: isinstance(event, Waiting))
    first.kill()
    second.child.send(RetryNow())
    assert isinstance(second.result(), Fetched)
    started_at = second.of(Progressed)[0].done_bytes
    assert started_at >= max(event.done_bytes for event in first.of(Progressed)) - BLOCK_BYTES


def test_the_library_waits_for_us(hub: LoopbackHub, tmp_path: Path) -> None:
    """The lock is the Hub's own: ``hf_hub_download`` gets our bytes instead of its own."""
    hub.throttle(2e6)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(500_000)
    code = (
        "import sys; from huggingface_hub import hf_hub_download; "
        "print(hf_hub_download(*sys.argv[1:3], endpoint=sys.argv[3], cache_dir=sys.argv[4]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, REPO, FILE, hub.url, str(cache)],
        capture_output=True,
        text=True,
        check=True,
    )
    result = run.result()
    assert isinstance(result, Fetched)
    assert done.stdout.strip() == result.paths[0]
    assert hub.bytes_served == SIZE


def test_bytes_that_another_revision_brought_are_not_fetched_again(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    cache = tmp_path / "hub"
    FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    commit = hub.replace_file(REPO, "README.md", b"new")
    result = FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    assert isinstance(result, Fetched)
    assert revision_of(result.paths[0]) == commit
    assert hub.bytes_served == SIZE
    assert (cache / "models--owner--model" / "refs" / "main").read_text() == commit


def test_a_pinned_model_that_is_here_needs_no_network(hub: LoopbackHub, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    fetched = FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    hub.stop()
    files = (WeightsFile(FILE, SIZE),)
    commit = revision_of(fetched.paths[0])
    job = job_for("http://127.0.0.1:9", cache, files=files, revision=commit)
    assert FetchRun(job, tmp_path).result() == fetched


def test_a_partial_that_was_replaced_upstream_does_not_stay_for_ever(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.throttle(5e6)
    cache = tmp_path / "hub"
    run = FetchRun(job_for(hub, cache, FILE), tmp_path)
    hub.wait_for_bytes(1_000_000)
    run.kill()
    hub.throttle(None)
    hub.replace_file(REPO, FILE, b"other" * 100_000)
    result = FetchRun(job_for(hub, cache, FILE), tmp_path).result()
    assert isinstance(result, Fetched)
    blobs = list((cache / "models--owner--model" / "blobs").iterdir())
    assert [blob.stat().st_size for blob in blobs] == [500_000]
