"""``shammah models pull`` and ``path``: from nothing to a file that can be opened."""

import hashlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest

from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.model.catalogue import CATALOGUE
from tests.commands.command_runs import (
    BLOCK_BYTES,
    CTRL_C,
    FILE,
    REPO,
    SPLIT_WHAT,
    WHAT,
    CommandRuns,
    end_of,
)
from tests.commands.conftest import FILES
from tests.end_to_end.terminal import processes_of
from tests.loopback.hub_faults import AnswerStatus, CaptivePortal, HubFault, WrongByte

SIZE = len(FILES[FILE])  # type: ignore[arg-type]


def test_in_a_pipe(runs: CommandRuns) -> None:
    said = runs.run("pull", REPO)
    assert (said.status, said.errors) == (0, "")
    *lines, last = said.output.splitlines()
    assert re.fullmatch(r"Tiny Q4_K_M is here \(1\.5 MB, \d+s\)", last)
    assert lines[:2] == ["Downloading Tiny", f"{REPO}/{FILE} (1.5 MB)"]
    assert not re.search(r"[\r\x1b█]", said.output)
    found = runs.run("path", WHAT)
    assert (found.status, found.errors) == (0, "")
    assert Path(found.output.removesuffix("\n")).read_bytes() == FILES[FILE]
    served = runs.hub.bytes_served
    again = runs.run("pull", WHAT)
    assert (again.status, again.errors) == (0, "")
    assert "nothing was downloaded" in again.output
    assert runs.hub.bytes_served == served


def test_on_a_terminal_it_is_one_line_and_ctrl_c_loses_nothing(runs: CommandRuns) -> None:
    runs.hub.throttle(500_000)
    runs.hub.inject(AnswerStatus(status=503))
    window = runs.on_terminal("pull", SPLIT_WHAT)
    shown = ""
    for pattern in (
        r"waiting for [^\r]+ next try in \d",
        r"\r█+░+  Downloading Tiny Q8_0  \d+ %  0\.\d/1\.3 MB  \d+ kB/s  \ds left  part 1 of 2",
        r"part 2 of 2",
    ):
        window.expect(pattern)
        shown += window.before
    # All of it was written over itself.
    assert "\n" not in shown
    window.send(CTRL_C)
    ended = end_of(window)
    assert ended.status == 130
    *_, last = ended.output.split("\x1b[2K")
    kept = r"shammah: Stopped; 0\.[6789] of 1\.3 MB kept, `shammah models pull [^`]+` resumes"
    assert re.match(kept, last)
    assert last.count("\n") == 1
    psutil.wait_procs(processes_of(str(runs.home)), 10)
    assert processes_of(str(runs.home)) == []
    runs.hub.throttle(None)
    assert runs.run("pull", SPLIT_WHAT).status == 0
    assert runs.hub.bytes_served <= 1_300_000 + 3 * BLOCK_BYTES


def test_killed_and_resumed(runs: CommandRuns) -> None:
    kept = runs.fetch_in_part(WHAT, 500_000)
    assert 300_000 < kept < SIZE
    missing = runs.run("path", WHAT)
    assert (missing.status, missing.output) == (3, "")
    assert re.search(r"0\.\d/1\.5 MB here: `shammah models pull .+` resumes it", missing.errors)
    before = runs.hub.bytes_served
    assert runs.run("pull", WHAT).status == 0
    assert runs.hub.bytes_served - before <= SIZE - kept + BLOCK_BYTES


def test_interrupted_by_a_signal_in_a_pipe(runs: CommandRuns) -> None:
    runs.hub.throttle(400_000)
    process = runs.start("pull", WHAT)
    runs.hub.wait_for_bytes(3 * BLOCK_BYTES)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Stopped; " in errors
    assert errors.count(b"\n") == 1
    # At most one line a few seconds.
    assert output.count(b"\n") <= 2


def test_whoever_read_the_output_has_gone(runs: CommandRuns) -> None:
    runs.hub.throttle(400_000)
    process = runs.start("pull", WHAT)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    runs.hub.throttle(None)
    assert process.wait(30) == 1
    assert process.stderr is not None
    assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("what", "fault", "environment", "status", "said"),
    [
        ("owner/none", None, {}, 3, "owner/none"),
        (f"{REPO}:Q2_K", None, {}, 3, f"choose one of {REPO}:Q4_K_M, {REPO}:Q8_0"),
        (f"{REPO}/none.gguf", None, {}, 3, "none.gguf"),
        ("owner/gated", None, {}, 1, "owner/gated"),
        (WHAT, AnswerStatus(status=503, times=99), {}, 4, "Gave up"),
        (WHAT, CaptivePortal(times=99), {}, 4, "sign in"),
        (WHAT, WrongByte(times=99, offset=5), {}, 1, "wrong bytes"),
        (WHAT, None, {"HF_TEST_FREE": "1000000"}, 5, "too little free space"),
        (WHAT, None, {"HF_TEST_FULL_AFTER": "300000"}, 5, "too little free space"),
        (WHAT, None, {"HF_HUB_OFFLINE": "1"}, 4, "HF_HUB_OFFLINE"),
        ("nonsense", None, {}, 2, "is not a model"),
        ("../..:Q4_K_M", None, {}, 3, "There is no file"),
        ("owner/name/../../../x.gguf", None, {}, 2, "is not a GGUF file's name"),
        ("./none.gguf", None, {}, 3, "There is no file"),
    ],
)
def test_every_end_has_its_status_and_one_sentence(
    runs: CommandRuns,
    what: str,
    fault: HubFault | None,
    environment: dict[str, str],
    status: int,
    said: str,
) -> None:
    runs.hub.add_repo("owner/gated", {"x-Q4_K_M.gguf": b"GGUF"}, gated=True)
    if fault is not None:
        runs.hub.inject(fault)
    ended = runs.here("pull", what, **environment)
    assert ended.status == status, ended
    assert said in ended.errors
    assert ended.errors.startswith("shammah: ")
    assert ended.errors.count("\n") == 1
    assert "is here" not in ended.output


def test_no_network(runs: CommandRuns) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        ended = runs.here("pull", WHAT, HF_ENDPOINT=nobody)
    assert ended.status == 4
    assert "cannot be reached: check the network" in ended.errors


def test_offline_fetches_nothing(runs: CommandRuns) -> None:
    ended = runs.run("pull", WHAT, options=("--offline",))
    assert (ended.status, ended.output) == (4, "")
    assert "--offline" in ended.errors
    assert runs.hub.requests == []


@pytest.mark.parametrize(
    ("options", "arguments"),
    [(("--model", WHAT), ("pull", WHAT)), ((), ("--json", "pull", WHAT)), ((), ("pull",))],
)
def test_wrong_usage(
    runs: CommandRuns, options: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    ended = runs.run(*arguments, options=options)
    assert (ended.status, ended.output) == (2, "")
    assert runs.hub.requests == []


def test_the_help_tells_every_status(runs: CommandRuns) -> None:
    told = runs.run("pull", "--help").output
    listed = re.findall(r"^  (\d+) +\w", told.partition("exit status:")[2], re.MULTILINE)
    of_replies = {status for status in ExitStatus if 6 <= status <= 10}
    assert [int(number) for number in listed] == sorted(set(ExitStatus) - of_replies)


def test_the_bytes_of_a_catalogue_model_are_pinned(runs: CommandRuns) -> None:
    model = CATALOGUE[-1]
    assert model.repo is not None
    assert model.revision is not None
    runs.hub.add_repo(model.repo, {model.files[0].name: b"GGUF but others"})
    repo = runs.hub.repos[model.repo]
    repo.commits[model.revision] = repo.commits[repo.branches["main"]]
    for what in (model.id, f"{model.repo}:{model.quant}", f"{model.repo}/{model.files[0].name}"):
        ended = runs.here("pull", what)
        assert ended.status == 1
        assert "has changed and no longer matches what this program knows" in ended.errors
    assert runs.hub.bytes_served == 0
    assert runs.names() == []


def test_the_path_of_a_file_of_ones_own_is_just_told(runs: CommandRuns) -> None:
    # Not text in any encoding: a script must get it as it is.
    path = Path(os.fsdecode(os.fsencode(runs.home) + b"/own\xff.gguf"))
    path.write_bytes(b"GGUF")
    process = runs.start("path", os.fsdecode(os.fsencode(path)))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, b"")
    assert output == os.fsencode(path) + b"\n"


def test_the_digest_on_disk_is_the_blobs_name(runs: CommandRuns) -> None:
    assert runs.here("pull", WHAT).status == 0
    (model,) = runs.listed()
    content = FILES[FILE]
    assert isinstance(content, bytes)
    assert model["files"][0]["digest"] == hashlib.sha256(content).hexdigest()


def test_the_limit_of_the_settings_holds(runs: CommandRuns) -> None:
    settings = runs.home / ".config" / "shammah" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[local]\ndownload_limit = "700kB/s"\n')
    began_s = time.monotonic()
    assert runs.run("pull", WHAT).status == 0
    # Less the burst of a tenth of a second that is allowed.
    assert time.monotonic() - began_s > SIZE / 700_000 - 0.2
    assert runs.hub.most_open_bodies == 1


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ALL_PROXY": "nonsense://bob:secret@host"}, "ALL_PROXY names a proxy of a kind"),
        ({"http_proxy": "http://["}, "http_proxy is not the address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(
    runs: CommandRuns, variables: dict[str, str], said: str
) -> None:
    runs.environment |= variables
    run = runs.run("pull", REPO)
    assert run.status == ExitStatus.FAILED
    assert said in run.errors
    assert "secret" not in run.output + run.errors
    runs.environment |= {"NO_PROXY": "127.0.0.1,localhost", "SSL_CERT_FILE": "/nonexistent.pem"}
    assert runs.run("pull", REPO).status == ExitStatus.DONE
