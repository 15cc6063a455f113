"""The Hub as it is out there: mirrors, tokens with something around them, names in other letters,
disks without locks, records that were lost."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shammah_tui.adapters.hub.hub_cache import HubCache
from shammah_tui.children.fetch.token import Token, usable
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile, revision_of
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    Resolved,
    Waiting,
)
from tests.children.fetch_runs import BLOCK_BYTES, FILE, REPO, FetchRun, job_for
from tests.loopback.hub import LoopbackHub

SIZE = 2_000_001
CONTENT = random.Random(31).randbytes(SIZE)
TOKEN = "hf_good"
FOLDER = "models--owner--model"


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """Return a hub with one model."""
    with LoopbackHub() as running:
        running.add_repo(REPO, {FILE: CONTENT})
        yield running


class Mirror:
    """A server that sends everybody elsewhere, and what it was sent."""

    def __init__(self, status: int, leads_to: str) -> None:
        self.authorizations: list[str | None] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.authorizations.append(self.headers["Authorization"])
                self.send_response(status)
                self.send_header("Location", leads_to + self.path.removeprefix("/mirrored"))
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 - the library's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mirrored"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_a_mirror_that_redirects_is_followed_and_the_token_stays(
    hub: LoopbackHub, tmp_path: Path, status: int, by_list: bool
) -> None:
    mirror = Mirror(status, hub.url)
    try:
        job = job_for(mirror.url, tmp_path / "hub", *(() if by_list else (FILE,)))
        result = FetchRun(job, tmp_path, environment={"HF_TOKEN": TOKEN}).result()
    finally:
        mirror.stop()
    assert isinstance(result, Fetched)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert set(mirror.authorizations) == {f"Bearer {TOKEN}"}
    assert {each.authorization for each in hub.requests} == {None}


def test_a_redirect_to_something_else_is_refused_and_named(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    mirror = Mirror(302, "http://portal.invalid/login?from=")
    try:
        failed = FetchRun(job_for(mirror.url, tmp_path / "hub", FILE), tmp_path).result()
    finally:
        mirror.stop()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.CAPTIVE_PORTAL
    assert "leads to portal.invalid" in failed.sentence


@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_a_commit_that_is_not_told_with_the_file_is_taken_from_the_list(
    hub: LoopbackHub, tmp_path: Path, by_list: bool
) -> None:
    hub.tells_commits = False
    job = job_for(hub, tmp_path / "hub", *(() if by_list else (FILE,)))
    result = FetchRun(job, tmp_path).result()
    assert isinstance(result, Fetched)
    assert revision_of(result.paths[0]) == hub.repos[REPO].branches["main"]


@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_a_name_in_other_letters_gives_one_copy(
    hub: LoopbackHub, tmp_path: Path, by_list: bool
) -> None:
    cache = tmp_path / "hub"
    hub.renamed["OWNER/Model"] = REPO
    names = () if by_list else (FILE,)
    run = FetchRun(job_for(hub, cache, *names, repo="OWNER/Model"), tmp_path)
    result = run.result()
    assert isinstance(result, Fetched)
    assert [each.repo for each in run.of(Resolved)] == [REPO]
    assert FetchRun(job_for(hub, cache, *names), tmp_path).result() == result
    assert [path.name for path in cache.glob("models--*")] == [FOLDER]
    assert hub.bytes_served == SIZE


def test_a_file_in_other_letters_is_found(hub: LoopbackHub, tmp_path: Path) -> None:
    result = FetchRun(job_for(hub, tmp_path / "hub", FILE.lower()), tmp_path).result()
    assert isinstance(result, Fetched)
    assert result.paths[0].endswith(FILE)


def test_the_only_quantization_is_fetched(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo("a/onlyq8", {"m-Q8_0.gguf": CONTENT, "mmproj-F16.gguf": b"GGUF"})
    result = FetchRun(job_for(hub, tmp_path / "hub", repo="a/onlyq8"), tmp_path).result()
    assert isinstance(result, Fetched)
    assert result.paths[0].endswith("m-Q8_0.gguf")


def test_several_models_are_told_with_their_sizes(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.add_repo("a/three", {f"m-{quant}.gguf": CONTENT for quant in ("Q8_0", "BF16", "IQ4_XS")})
    failed = FetchRun(job_for(hub, tmp_path / "hub", repo="a/three"), tmp_path).result()
    assert isinstance(failed, FetchFailed)
    assert (failed.problem, failed.retryable) == (FetchProblem.SEVERAL, False)
    assert "choose one of a/three:BF16, a/three:IQ4_XS, a/three:Q8_0" in failed.sentence
    sha = hub.repos["a/three"].commits[hub.repos["a/three"].branches["main"]]["m-BF16.gguf"].sha256
    assert [each.name for each in failed.choices] == [
        "a/three:BF16",
        "a/three:IQ4_XS",
        "a/three:Q8_0",
    ]
    assert failed.choices[0].files == (WeightsFile("m-BF16.gguf", SIZE, sha),)


def test_the_usual_one_of_several_is_a_choice_where_the_user_is_asked(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.add_repo("a/two", {f"m-{quant}.gguf": CONTENT for quant in ("Q8_0", "Q4_K_M")})
    job = job_for(hub, tmp_path / "hub", repo="a/two")
    failed = FetchRun(replace(job, asks=True), tmp_path).result()
    assert isinstance(failed, FetchFailed)
    assert [each.name for each in failed.choices] == ["a/two:Q4_K_M", "a/two:Q8_0"]
    fetched = FetchRun(job, tmp_path).result()
    assert isinstance(fetched, Fetched) and fetched.paths[0].endswith("m-Q4_K_M.gguf")


# Tokens


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hf_good\n", "hf_good"),
        ("\ufeffhf_good\r\n", "hf_good"),
        (' "hf_good" ', "hf_good"),
        ("'hf_good'", "hf_good"),
        ("“hf_good”", "hf_good"),
        ("Bearer hf_good", "hf_good"),
        ("HF_TOKEN=hf_good", "hf_good"),
        ("  ", None),
        ('""', None),
    ],
)
def test_what_is_around_a_token_is_taken_off(text: str, value: str | None) -> None:
    assert usable(text, "HF_TOKEN").value == value


@pytest.mark.parametrize("text", ["hf_gööd", "hf_good hf_other", "hf_go\x07od", "hf_“good"])
def test_what_no_token_can_be_is_not_sent(text: str) -> None:
    assert usable(text, "HF_TOKEN") == Token(None, "HF_TOKEN", is_unusable=True)


def in_file(folder: Path, content: bytes) -> dict[str, str]:
    (folder / "my-token").write_bytes(content)
    return {"HF_TOKEN_PATH": str(folder / "my-token")}


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfhf_good\n", b'"hf_good"', b"hf_good\r\n\r\n"],
    ids=["mark", "quotes", "line ends"],
)
def test_a_token_file_as_editors_leave_it(hub: LoopbackHub, tmp_path: Path, content: bytes) -> None:
    hub.add_repo(REPO, {FILE: CONTENT}, private=True)
    run = FetchRun(
        job_for(hub, tmp_path / "hub", FILE), tmp_path, environment=in_file(tmp_path, content)
    )
    assert isinstance(run.result(), Fetched)


@pytest.mark.parametrize(
    "token",
    ["hf_stale", "hf_gööd", "hf_good and more"],
    ids=["stale", "not ASCII", "with blanks"],
)
@pytest.mark.parametrize("by_list", [False, True], ids=["file", "list"])
def test_what_is_public_needs_no_token(
    hub: LoopbackHub, tmp_path: Path, token: str, by_list: bool
) -> None:
    job = job_for(hub, tmp_path / "hub", *(() if by_list else (FILE,)))
    run = FetchRun(job, tmp_path, environment={"HF_TOKEN": token})
    assert isinstance(run.result(), Fetched)
    assert token not in run.log_path.read_text()


@pytest.mark.parametrize("content", [b"\xff\xfeh\0f\0_\0", b"hf_g\xc3\xb6\xc3\xb6d", b"hf_stale"])
def test_what_is_private_names_where_the_token_stands(
    hub: LoopbackHub, tmp_path: Path, content: bytes
) -> None:
    hub.add_repo(REPO, {FILE: CONTENT}, private=True)
    environment = in_file(tmp_path, content)
    run = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path, environment=environment)
    failed = run.result()
    assert isinstance(failed, FetchFailed)
    assert failed.problem is FetchProblem.BAD_TOKEN
    assert str(tmp_path / "my-token") in failed.sentence
    assert "HF_TOKEN" in failed.sentence


# Locks


LOCKS = ["ENOLCK", "EOPNOTSUPP", "ENOTSUP", "EIO", "ENOSYS", "EINVAL", "given to everybody"]


@pytest.mark.parametrize("how", LOCKS)
@pytest.mark.parametrize("left", [None, b"", b"12345\nother-host\n"], ids=["", "empty", "stale"])
def test_without_locks_of_the_kernel_it_goes_on(
    hub: LoopbackHub, tmp_path: Path, how: str, left: bytes | None
) -> None:
    cache = tmp_path / "hub"
    if left is not None:
        lock = cache / ".locks" / FOLDER / f"{etag(hub)}.lock"
        lock.parent.mkdir(parents=True)
        lock.write_bytes(left)
    run = FetchRun(job_for(hub, cache, FILE), tmp_path, environment={"FLOCK": how})
    assert isinstance(run.result(), Fetched)
    assert run.waits == []
    assert not list((cache / FOLDER / "blobs").glob("*.shammah*"))


@pytest.mark.parametrize("how", ["ENOLCK", "given to everybody"])
def test_without_locks_two_at_once_end_well(hub: LoopbackHub, tmp_path: Path, how: str) -> None:
    hub.throttle(3e6)
    cache = tmp_path / "hub"
    runs = [
        FetchRun(job_for(hub, cache, FILE), tmp_path, environment={"FLOCK": how}) for _ in range(2)
    ]
    results = [run.result() for run in runs]
    assert results[0] == results[1]
    assert isinstance(results[0], Fetched)
    assert Path(results[0].paths[0]).read_bytes() == CONTENT
    assert hub.bytes_served == SIZE
    (reason,) = {reason for run in runs for reason in run.waits}
    assert f"{etag(hub)}.shammah.lock" in reason


def test_without_locks_a_dead_programs_work_is_gone_on_with(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.throttle(2e6)
    cache = tmp_path / "hub"
    job, environment = job_for(hub, cache, FILE), {"FLOCK": "ENOLCK"}
    first = FetchRun(job, tmp_path, environment=environment)
    hub.wait_for_bytes(1_000_000)
    first.kill()
    hub.throttle(None)
    second = FetchRun(job, tmp_path, environment=environment)
    assert isinstance(second.result(), Fetched)
    assert hub.bytes_served < SIZE + 5 * BLOCK_BYTES


def test_a_lock_that_another_machine_left_is_waited_for_with_a_bound(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    cache = tmp_path / "hub"
    left = cache / FOLDER / "blobs" / f"{etag(hub)}.shammah.lock"
    left.parent.mkdir(parents=True)
    left.write_text("elsewhere 17 0123456789abcdef")
    run = FetchRun(job_for(hub, cache, FILE), tmp_path, environment={"FLOCK": "ENOLCK"})
    assert str(left) in run.wait_for(lambda event: isinstance(event, Waiting)).waits_for
    assert isinstance(run.result(), Fetched)
    assert not left.exists()


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a compiler")
@pytest.mark.skipif(sys.platform != "linux", reason="needs LD_PRELOAD")
@pytest.mark.parametrize("how", ["ENOLCK", "ok"])
def test_the_real_call_that_fails(hub: LoopbackHub, tmp_path: Path, how: str) -> None:
    source, library = tmp_path / "flock.c", tmp_path / "flock.so"
    source.write_text(
        "#include <errno.h>\n#include <stdlib.h>\n"
        "int flock(int d, int o) { if (*getenv(\"HOW\") == 'o') return 0; "
        "errno = ENOLCK; return -1; }\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    environment = {"LD_PRELOAD": str(library), "HOW": how}
    job = job_for(hub, tmp_path / "hub", FILE)
    runs = [FetchRun(job, tmp_path, environment=environment) for _ in range(2)]
    assert [type(run.result()) for run in runs] == [Fetched, Fetched]
    assert hub.bytes_served == SIZE


def etag(hub: LoopbackHub) -> str:
    repo = hub.repos[REPO]
    return repo.commits[repo.branches["main"]][FILE].sha256


# Records


@pytest.mark.parametrize("record", [None, b"", b"\0" * 5000], ids=["gone", "empty", "garbage"])
@pytest.mark.parametrize("by_digest", [False, True])
def test_what_has_arrived_is_used_where_its_record_is_lost(
    hub: LoopbackHub, tmp_path: Path, record: bytes | None, by_digest: bool
) -> None:
    blobs = tmp_path / "hub" / FOLDER / "blobs"
    blobs.mkdir(parents=True)
    arrived = 20 * BLOCK_BYTES
    (blobs / f"{etag(hub)}.shammah").write_bytes(CONTENT[: arrived + 1000])
    if record is not None:
        (blobs / f"{etag(hub)}.shammah.map").write_bytes(record)
    files = (WeightsFile(etag(hub), None, etag(hub)),) if by_digest else (WeightsFile(FILE),)
    result = FetchRun(job_for(hub, tmp_path / "hub", files=files), tmp_path).result()
    assert isinstance(result, Fetched)
    assert result.paths[0].endswith(FILE)
    assert Path(result.paths[0]).read_bytes() == CONTENT
    assert hub.bytes_served == SIZE - arrived


def test_with_holes_only_what_is_there_is_used(hub: LoopbackHub, tmp_path: Path) -> None:
    blobs = tmp_path / "hub" / FOLDER / "blobs"
    blobs.mkdir(parents=True)
    with (blobs / f"{etag(hub)}.shammah").open("wb") as data:
        for block in (0, 7):
            data.seek(block * BLOCK_BYTES)
            data.write(CONTENT[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES])
        # This one was being written when the program ended.
        data.seek(3 * BLOCK_BYTES)
        data.write(CONTENT[3 * BLOCK_BYTES : 3 * BLOCK_BYTES + 8192])
    result = FetchRun(job_for(hub, tmp_path / "hub", FILE), tmp_path).result()
    assert isinstance(result, Fetched)
    assert hub.bytes_served == SIZE - 2 * BLOCK_BYTES


# Caches that cannot be written


@pytest.mark.parametrize("lacks", ["nothing", "refs", "locks", "this commit"])
def test_a_cache_that_is_whole_serves_though_it_cannot_be_written(
    hub: LoopbackHub, lacks: str
) -> None:
    # Not below the test's own folder, which nobody else may enter.
    home = Path(tempfile.mkdtemp(prefix="shammah-read-only-"))
    cache = home / "hub"
    user = {"USER": "65534"} if os.geteuid() == 0 else {}
    try:
        home.chmod(0o755)
        job = job_for(hub, cache, FILE)
        fetched = FetchRun(job, home).result()
        served = hub.bytes_served
        if lacks == "refs":
            shutil.rmtree(cache / FOLDER / "refs")
        elif lacks == "locks":
            shutil.rmtree(cache / ".locks")
        elif lacks == "this commit":
            hub.replace_file(REPO, "README.md", b"# Newer")
        folders = [path for path in (cache, *cache.rglob("*")) if path.is_dir()]
        for folder in folders:
            folder.chmod(0o555)
        result = FetchRun(job, home, environment=user).result()
        found = HubCache(cache).find(ModelSpec("m", "M", repo=REPO, quant="Q4_K_M"))
        for folder in folders:
            folder.chmod(0o755)
    finally:
        shutil.rmtree(home)
    assert isinstance(result, Fetched)
    assert result.paths == fetched.paths
    assert found is not None
    assert tuple(map(str, found)) == fetched.paths
    assert hub.bytes_served == served
