"""Every fault has its end: the real child against the loopback hub."""

from pathlib import Path

import pytest

from shammah_tui.children.fetch.cache_folder import CacheFolder
from shammah_tui.core.protocol.fetch_messages import Fetched, FetchFailed, FetchProblem
from tests.children.fetch_fault_rows import CONTENT, CUT, ROWS, Row
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, FetchRun, job_for
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import EndAfter

WORTH_ANOTHER_TRY = {FetchProblem.GAVE_UP, FetchProblem.CORRUPT, FetchProblem.CAPTIVE_PORTAL}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_fault(row: Row, hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.throttle(15e6)
    row.arrange(hub)
    run = FetchRun(row.job(hub, tmp_path / "hub"), tmp_path)
    result = run.result()
    assert run.waits == list(row.waits)
    least, most = row.served
    assert least <= hub.bytes_served <= most
    if row.ends is None:
        assert isinstance(result, Fetched), result
        assert [Path(path).read_bytes() == row.content for path in result.paths] == [True]
        assert not list((tmp_path / "hub").rglob("*.shammah*"))
    else:
        assert isinstance(result, FetchFailed), result
        assert result.problem is row.ends
        # Whether the screen offers to try again: only where that can help as things are.
        assert result.retryable is (row.ends in WORTH_ANOTHER_TRY)
        assert row.says in result.sentence
        kept = sum(each.kept_bytes for each in CacheFolder(tmp_path / "hub", REPO, {}).partials())
        assert row.kept[0] <= kept <= row.kept[1]
    # Nothing that a user should not see: no trace of a failure of our own.
    assert "Traceback" not in run.log_path.read_text()


def test_every_kind_of_problem_has_a_row() -> None:
    elsewhere = {
        FetchProblem.OFFLINE,
        FetchProblem.NO_SPACE,
        FetchProblem.READ_ONLY,
        FetchProblem.BAD_TOKEN,
        FetchProblem.INVALID,
        FetchProblem.INTERNAL,
    }
    assert {row.ends for row in ROWS if row.ends} | elsewhere == set(FetchProblem)


def test_resumed_requests_go_on_from_the_byte(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.inject(EndAfter(size_bytes=CUT), EndAfter(size_bytes=1), EndAfter(size_bytes=BLOCK_BYTES))
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    assert isinstance(run.result(), Fetched)
    starts = [request.first_byte for request in hub.requests_of("cdn")]
    assert starts == [0, CUT, CUT + 1, CUT + 1 + BLOCK_BYTES]
    # Each try asks the Hub anew, so that the address is fresh and a changed file is noticed.
    assert len(hub.requests_of("hub")) == 4


def test_bytes_never_come_from_main_after_the_commit_is_known(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    commit = hub.add_repo(REPO, {FILE: CONTENT})
    hub.inject(EndAfter(size_bytes=CUT))
    FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path).result()
    first, second = hub.requests_of("hub")
    assert (first.method, second.method) == ("HEAD", "HEAD")
    assert "/resolve/main/" in first.path
    assert f"/resolve/{commit}/" in second.path


def test_a_transfer_without_trouble_logs_nothing(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    run.result()
    assert run.log_path.read_text() == ""
