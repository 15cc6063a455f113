"""No network, the user's wish not to wait, the token, names that lead elsewhere, the protocol."""

import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shammah_tui.children.fetch.hub import origin_of
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    RetryNow,
    Waiting,
)
from shammah_tui.core.protocol.wire import encode
from tests.children.fetch_runs import FILE, REPO, FetchRun, clean_environment, job_for
from tests.children.short_fetch import SHORT
from tests.loopback.hub import LoopbackHub
from tests.loopback.hub_faults import AnswerStatus, EndAfter

SIZE = 1_000_001
CONTENT = random.Random(12).randbytes(SIZE)
TOKEN = "hf_SecretOfThisTest"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """Return the address of a port whose connections are never completed.

    A listener with a full backlog: the kernel drops further SYNs, as a bad firewall does.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for filler in fillers:
            filler.close()


@pytest.fixture
def refusing() -> str:
    """Return the address of a port where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.mark.parametrize("how", ["refusing", "black_hole", "no such host"])
@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_offline_is_said_in_time(
    tmp_path: Path, how: str, by_list: bool, request: pytest.FixtureRequest
) -> None:
    endpoint = (
        "http://no-such-host.invalid" if how == "no such host" else request.getfixturevalue(how)
    )
    names = () if by_list else (FILE,)
    began_s = time.monotonic()
    run = FetchRun(job_for(endpoint, tmp_path / "hub", *names, quant="Q4_K_M"), tmp_path)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert (failed.problem, failed.retryable) == (FetchProblem.OFFLINE, True)
    assert "cannot be reached: check the network" in failed.sentence
    # The time given for it, and two seconds for a busy machine to start Python.
    assert time.monotonic() - began_s < SHORT.first_contact_s + 2.0


def test_offline_is_said_within_ten_seconds(black_hole: str, tmp_path: Path) -> None:
    """With the patience that people get, where packets are swallowed."""
    job = job_for(black_hole, tmp_path / "hub", FILE)
    run = FetchRun(job, tmp_path, "shammah_tui.children.fetch")
    began_s = time.monotonic()
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.OFFLINE
    # And two seconds for a busy machine to start Python.
    assert time.monotonic() - began_s < 12


def test_a_server_that_vanishes_after_the_first_byte_is_waited_for(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.inject(EndAfter(size_bytes=500_000, then=hub.stop))
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.GAVE_UP
    assert run.waits == ["the network"] * 7
    kept = run.of(Waiting)[-1].progress
    assert 400_000 < kept.done_bytes <= 500_000
    assert kept.total_bytes == SIZE


def test_the_user_need_not_wait(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    # The real patience, which would wait for longer than this test may take.
    hub.inject(AnswerStatus(status=429, headers={"Retry-After": "110"}))
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, "shammah_tui.children.fetch")
    waiting = run.wait_for(lambda event: isinstance(event, Waiting))
    assert 100 < waiting.retry_in_s <= 110
    run.child.send(RetryNow())
    assert isinstance(run.result(10.0), Fetched)


def test_the_wait_is_counted_down(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    hub.inject(AnswerStatus(status=503, headers={"Retry-After": "2"}))
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, "shammah_tui.children.fetch")
    assert isinstance(run.result(), Fetched)
    first, second, *_ = [event.retry_in_s for event in run.of(Waiting)]
    assert 1.5 < first <= 2.0
    assert second < first - 0.5


def test_the_hub_is_asked_what_is_needed_and_nothing_else(hub: LoopbackHub, tmp_path: Path) -> None:
    commit = hub.add_repo(REPO, {FILE: CONTENT})
    # As a person has it, not only the job: the library reads the endpoint from there.
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
    run = FetchRun(
        job_for(hub, tmp_path / "hub", quant="Q4_K_M"), tmp_path, environment=environment
    )
    assert isinstance(run.result(), Fetched)
    assert [(each.method, each.path.partition("?")[0]) for each in hub.requests] == [
        ("GET", f"/api/models/{REPO}/revision/main"),
        ("HEAD", f"/{REPO}/resolve/{commit}/{FILE}"),
        ("GET", f"/blobs/{hub.repos[REPO].commits[commit][FILE].sha256}"),
    ]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("source", ["HF_TOKEN", "token file", "HF_TOKEN_PATH"])
def test_the_token_goes_to_the_hub_alone(hub: LoopbackHub, tmp_path: Path, source: str) -> None:
    hub.add_repo(REPO, {FILE: CONTENT}, gated=True)
    hub.tokens.add(TOKEN)
    environment = {"HF_TOKEN": TOKEN} if source == "HF_TOKEN" else {}
    if source == "token file":
        environment = {"HF_HOME": str(tmp_path / "home")}
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "token").write_text(TOKEN + "\n")
    if source == "HF_TOKEN_PATH":
        environment = {"HF_TOKEN_PATH": str(tmp_path / "my-token")}
        (tmp_path / "my-token").write_text(TOKEN)
    hub.inject(EndAfter(size_bytes=1000))
    hub.throttle(2e6)
    job = job_for(hub, tmp_path / "hub", quant="Q4_K_M")
    run = FetchRun(job, tmp_path, environment=environment)
    hub.wait_for_bytes(100_000)
    arguments = Path(f"/proc/{run.child.pid}/cmdline")
    if arguments.exists():
        assert TOKEN.encode() not in arguments.read_bytes()
    assert isinstance(run.result(), Fetched)
    assert {each.authorization for each in hub.requests_of("hub")} == {f"Bearer {TOKEN}"}
    assert {each.authorization for each in hub.requests_of("cdn")} == {None}
    assert TOKEN not in run.log_path.read_text()
    assert TOKEN not in repr(run.events)


def test_a_bad_token_is_named_but_not_shown(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT}, private=True)
    for names, quant in (((FILE,), None), ((), "Q4_K_M")):
        job = job_for(hub, tmp_path / "hub", *names, quant=quant)
        run = FetchRun(job, tmp_path, environment={"HF_TOKEN": TOKEN})
        failed = run.result()
        assert isinstance(failed, FetchFailed)
        assert (failed.problem, failed.retryable) == (FetchProblem.BAD_TOKEN, True)
        assert "yours (HF_TOKEN) is refused by the Hub: set HF_TOKEN" in failed.sentence
        assert TOKEN not in failed.sentence + run.log_path.read_text()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://hub.example/a", "https://cdn.example/a"),
        ("https://hub.example/a", "http://hub.example/a"),
        ("https://hub.example/a", "https://hub.example:8443/a"),
        ("https://hub.example/a", "https://hub.example.evil.example/a"),
        ("https://hub.example/a", "https://evil.example/hub.example"),
        ("https://hub.example/a", "https://hub.example@evil.example/"),
    ],
)
def test_origins_that_differ(one: str, other: str) -> None:
    assert origin_of(one) != origin_of(other)


def test_origins_that_are_the_same() -> None:
    assert origin_of("https://Hub.example/a") == origin_of("https://hub.example:443/b?c")


EVIL_NAMES = [
    "../../../evil-Q4_K_M.gguf",
    "/tmp/evil-Q4_K_M.gguf",
    "a/../../evil-Q4_K_M.gguf",
    "..\\evil-Q4_K_M.gguf",
    "C:evil-Q4_K_M.gguf",
    "evil\x1b[2J-Q4_K_M.gguf",
    "./evil-Q4_K_M.gguf",
    "a//evil-Q4_K_M.gguf",
]


@pytest.mark.parametrize("name", EVIL_NAMES, ids=ascii)
@pytest.mark.parametrize("by_list", [False, True], ids=["asked for", "listed"])
def test_names_never_leave_the_cache(
    hub: LoopbackHub, tmp_path: Path, name: str, by_list: bool
) -> None:
    hub.add_repo(REPO, {name: CONTENT})
    job = job_for(hub, tmp_path / "hub", *(() if by_list else (name,)), quant="Q4_K_M")
    failed = FetchRun(job, tmp_path).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem in (FetchProblem.INVALID, FetchProblem.NOT_FOUND)
    assert failed.sentence.isprintable()
    assert hub.bytes_served == 0
    assert not [path for path in tmp_path.rglob("*evil*") if path.is_file()]


@pytest.mark.parametrize("repo", ["../..", "owner", "owner/na--me", "owner/..", "o/n/m", "/etc"])
def test_repositories_never_leave_the_cache(hub: LoopbackHub, tmp_path: Path, repo: str) -> None:
    failed = FetchRun(job_for(hub, tmp_path / "hub", FILE, repo=repo), tmp_path).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.INVALID
    assert not (tmp_path / "hub").exists()


@pytest.mark.parametrize("revision", ["../../evil", "/evil", "a/../../../evil"])
def test_revisions_never_leave_the_cache(hub: LoopbackHub, tmp_path: Path, revision: str) -> None:
    failed = FetchRun(job_for(hub, tmp_path / "hub", FILE, revision=revision), tmp_path).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.INVALID


def talk(arguments: list[str], line: str, home: Path) -> tuple[list[Any], str, int]:
    """Start a child, write one line, and return its events, its stderr and its exit status."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(home),
    ) as child:
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        child.stdin.write(line + "\n")
        child.stdin.flush()
        # Its stdin stays open: closing it would end the child.
        events = [json.loads(line) for line in child.stdout]
        return events, child.stderr.read(), child.wait(20)


def test_a_job_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    events, log, status = talk(
        ["-m", "shammah_tui.children.fetch"], '{"type":"FetchJob","of":"another version"}', tmp_path
    )
    assert [(event["type"], event["problem"]) for event in events] == [("FetchFailed", "invalid")]
    assert status == 1
    assert "The job cannot be read" in log


def test_what_libraries_print_stays_out_of_the_protocol(tmp_path: Path) -> None:
    code = (
        "import os, shammah_tui.children.fetch.__main__ as p\n"
        "from shammah_tui.children.fetch.faults import Patience\n"
        "def shout(*_): print('from Python', flush=True); os.write(1, b'from C\\n'); 1 / 0\n"
        "p.Transfer = shout\n"
        "p.main(Patience())\n"
    )
    line = encode(job_for("http://hub.example", tmp_path, FILE))
    events, log, _ = talk(["-c", code], line, tmp_path)
    assert [event["problem"] for event in events] == ["internal"]
    assert "from Python" in log
    assert "from C" in log
    assert "ZeroDivisionError" in log


def test_offline_mode_of_the_library_is_respected(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo(REPO, {FILE: CONTENT})
    job = job_for(hub, tmp_path / "hub", FILE)
    failed = FetchRun(job, tmp_path, environment={"HF_HUB_OFFLINE": "1"}).result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.OFFLINE
    assert hub.requests == []


def test_a_proxy_from_the_environment_is_used(hub: LoopbackHub, tmp_path: Path) -> None:
    """Plain requests go to the proxy with the whole address: our hub sees them come."""
    hub.add_repo(REPO, {FILE: CONTENT})
    job = job_for("http://hub.example", tmp_path / "hub", FILE)
    run = FetchRun(job, tmp_path, environment={"HTTP_PROXY": hub.url})
    run.result()
    assert hub.requests[0].path.startswith("http://hub.example/owner/model/resolve/main/")
