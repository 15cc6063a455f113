"""``shammah models rm``: only what it should, and only when it may."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.commands.command_runs import (
    BLOCK_BYTES,
    CTRL_C,
    CTRL_D,
    FILE,
    REPO,
    SPLIT_WHAT,
    WHAT,
    CommandRuns,
    end_of,
)


def test_whole_and_partial(runs: CommandRuns) -> None:
    runs.place(FILE)
    runs.fetch_in_part(SPLIT_WHAT, 900_000)
    gone = runs.run("rm", "--yes", WHAT)
    assert (gone.status, gone.errors) == (0, "")
    assert gone.output == "Tiny Q4_K_M is deleted; 1.5 MB freed\n"
    assert runs.here("path", WHAT).status == 3
    (split,) = runs.listed()
    assert runs.here("rm", "-y", split["name"]).status == 0
    assert not list(runs.cache.glob("models--*"))
    again = runs.here("rm", "--yes", WHAT)
    assert again.status == 3
    assert "is not in the cache" in again.errors


@pytest.mark.parametrize(
    ("typed", "status", "stays"),
    [("y\n", 0, False), ("n\n", 1, True), ("\n", 1, True), (CTRL_D, 1, True), (CTRL_C, 130, True)],
    ids=["yes", "no", "enter", "end", "interrupt"],
)
def test_a_person_is_asked(runs: CommandRuns, typed: str, status: int, stays: bool) -> None:
    runs.place(FILE)
    window = runs.on_terminal("rm", WHAT)
    window.expect_exact("Delete Tiny Q4_K_M from this disk? It frees 1.5 MB. [y/N] ")
    window.send(typed)
    ended = end_of(window)
    assert ended.status == status
    # The question, and one line about what became of it.
    assert ended.output.count("\n") == 2
    assert (runs.here("path", WHAT).status == 0) is stays


def test_nobody_can_be_asked(runs: CommandRuns) -> None:
    runs.place(FILE)
    said = runs.run("rm", WHAT)
    assert (said.status, said.output) == (2, "")
    assert "add --yes" in said.errors
    assert runs.here("path", WHAT).status == 0


def test_a_file_of_ones_own_stays(runs: CommandRuns) -> None:
    runs.place(FILE)
    for path in (runs.home / "own.gguf", Path(runs.here("path", WHAT).output.strip())):
        if not path.exists():
            path.write_bytes(b"GGUF")
        said = runs.here("rm", "--yes", str(path))
        assert said.status == 1
        assert "is your own file and is not deleted" in said.errors
        assert path.exists()


@pytest.mark.parametrize(
    "what",
    [
        "../../precious.gguf",
        "owner/name/../../precious.gguf",
        "owner/..:Q4_K_M",
        f"{REPO}/../../../precious.gguf",
        f"{REPO}/precious.gguf@../../..",
        f"{REPO}/{FILE}@",
        "..",
        "",
    ],
)
def test_no_name_leads_out_of_the_cache(runs: CommandRuns, what: str) -> None:
    runs.place(FILE)
    kept = [runs.home / "precious.gguf", runs.cache / "precious.gguf"]
    for path in kept:
        path.write_bytes(b"GGUF")
    assert runs.here("rm", "--yes", what).status in (2, 3)
    assert all(path.exists() for path in kept)
    assert runs.here("path", WHAT).status == 0


def test_what_another_program_is_fetching_stays(runs: CommandRuns) -> None:
    kept = runs.fetch_in_part(WHAT, 300_000)
    (lock,) = (runs.cache / ".locks").rglob("*.lock")
    with FileLock(lock):
        said = runs.here("rm", "--yes", WHAT)
    assert said.status == 1
    assert f"Another program is downloading {FILE}" in said.errors
    assert runs.listed()[0]["kept_bytes"] == kept
    assert runs.here("rm", "--yes", WHAT).status == 0
    assert runs.listed() == []


def test_a_download_whose_record_is_lost_is_shown_and_can_be_removed(runs: CommandRuns) -> None:
    kept = runs.fetch_in_part(WHAT, 300_000)
    (record,) = runs.cache.rglob("*.shammah.map")
    record.unlink()
    (lost,) = runs.listed()
    etag = record.name.partition(".")[0]
    assert lost["name"] == f"{REPO}@{etag[:12]}"
    assert (lost["complete"], lost["path"], lost["size_bytes"]) == (False, None, None)
    assert lost["kept_bytes"] >= kept
    assert "part of an unknown file" in runs.here().output
    told = runs.here("path", lost["name"])
    assert told.status == 3
    assert f"`shammah models pull {lost['name']}` resumes it" in told.errors
    not_found = runs.here("rm", "--yes", WHAT)
    assert not_found.status == 3
    assert f"`shammah models rm {lost['name']}` frees " in not_found.errors
    checked = runs.here("verify")
    assert (checked.status, checked.output.split()[0]) == (0, "partial")
    gone = runs.here("rm", "--yes", lost["name"])
    assert (gone.status, gone.errors) == (0, "")
    assert not list(runs.cache.glob("models--*"))


@pytest.mark.parametrize("by_digest", [False, True])
def test_a_download_whose_record_is_lost_is_resumed(runs: CommandRuns, by_digest: bool) -> None:
    kept = runs.fetch_in_part(WHAT, 300_000)
    (record,) = runs.cache.rglob("*.shammah.map")
    record.unlink()
    (lost,) = runs.listed()
    served = runs.hub.bytes_served
    assert runs.here("pull", lost["name"] if by_digest else WHAT).status == 0
    assert runs.hub.bytes_served - served <= 1_500_000 - kept + 2 * BLOCK_BYTES
    (model,) = runs.listed()
    assert model["complete"]
    assert not list(runs.cache.rglob("*.shammah*"))
