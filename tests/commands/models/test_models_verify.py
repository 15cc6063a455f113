"""``shammah models verify``: damaged bytes are found, named and can be replaced."""

import hashlib
import os
import re
from pathlib import Path

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from tests.commands.command_runs import (
    CTRL_C,
    FILE,
    REPO,
    SPLIT,
    SPLIT_WHAT,
    WHAT,
    CommandRuns,
    end_of,
)


def flip_a_byte(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        (byte,) = file.read(1)
        file.seek(offset)
        file.write(bytes([byte ^ 1]))


def path_of(runs: CommandRuns, what: str) -> Path:
    return Path(runs.here("path", what).output.strip())


def test_sound(runs: CommandRuns) -> None:
    runs.place(FILE, *SPLIT)
    said = runs.run("verify", WHAT)
    assert (said.status, said.errors) == (0, "")
    assert re.search(rf"^ok +{WHAT}  1\.5 MB$", said.output, re.MULTILINE)
    every = runs.here("verify")
    assert every.status == 0
    assert [line.split()[0] for line in every.output.splitlines()] == ["ok", "ok"]


def test_a_flipped_bit_is_found_and_can_be_mended(runs: CommandRuns) -> None:
    runs.place(FILE, *SPLIT)
    flip_a_byte(path_of(runs, SPLIT_WHAT).with_name(SPLIT[1]), 599_999)
    said = runs.here("verify")
    assert said.status == 1
    good, bad = said.output.splitlines()
    assert good.startswith("ok")
    assert bad == (f"damaged  {REPO}/{SPLIT[0]}  {SPLIT[1]} has the wrong SHA-256")
    remove, pull = re.findall(r"`shammah models ([^`]+)`", said.errors)
    assert runs.here(*remove.split(), "--yes").status == 0
    assert runs.here(*pull.split()).status == 0
    assert runs.here("verify", SPLIT_WHAT).status == 0


def test_a_file_cut_short(runs: CommandRuns) -> None:
    runs.place(FILE)
    os.truncate(path_of(runs, WHAT), 1_000_000)
    assert runs.here("verify", f"{REPO}/{FILE}").status == 1


def test_what_is_pinned_is_compared_with_the_pin(runs: CommandRuns) -> None:
    """Also where there are no links, so that no blob's name tells the digest."""
    digest = hashlib.sha256(b"GGUF as pinned").hexdigest()
    commit = "c" * 40
    pinned = (WeightsFile("a.gguf", 14, digest),)
    model = ModelSpec("pinned", "Pinned", repo=REPO, revision=commit, files=pinned)
    runs.offered = (*CATALOGUE, model)
    file = runs.cache / "models--owner--Tiny-GGUF" / "snapshots" / commit / "a.gguf"
    file.parent.mkdir(parents=True)
    for content, status, said in (
        (b"GGUF as pinned", 0, "ok       pinned  14 B\n"),
        (b"GGUF as PINNED", 1, "damaged  pinned  a.gguf has the wrong SHA-256\n"),
        (b"GGUF", 1, "damaged  pinned  a.gguf has 4 bytes instead of 14\n"),
    ):
        file.write_bytes(content)
        checked = runs.here("verify", "pinned")
        assert (checked.status, checked.output) == (status, said)
        assert bool(checked.errors) is bool(status)


def test_nothing_tells_the_digest(runs: CommandRuns) -> None:
    assert runs.here("pull", WHAT, HF_HUB_DISABLE_SYMLINKS="1").status == 0
    said = runs.here("verify", WHAT)
    assert (said.status, said.errors) == (0, "")
    assert said.output.startswith("unknown")
    own = runs.home / "own.gguf"
    own.write_bytes(b"GGUF")
    mine = runs.here("verify", str(own))
    assert (mine.status, mine.output) == (1, "")
    assert "its SHA-256 is not known" in mine.errors


def test_what_is_not_here_cannot_be_checked(runs: CommandRuns) -> None:
    nothing = runs.here("verify")
    assert (nothing.status, nothing.output) == (0, "")
    assert runs.here("verify", WHAT).status == 3
    runs.fetch_in_part(WHAT, 300_000)
    partial = runs.here("verify", WHAT)
    assert (partial.status, partial.output) == (3, "")
    assert "resumes it" in partial.errors
    every = runs.here("verify")
    assert (every.status, every.errors) == (0, "")
    assert re.fullmatch(rf"partial +{REPO}/{FILE}  0\.\d/1\.5 MB here\n", every.output)


def test_a_person_sees_how_far_it_is_and_can_stop(runs: CommandRuns) -> None:
    runs.place(FILE)
    # All holes: it takes no room, and much longer to read than anybody waits.
    os.truncate(path_of(runs, WHAT), 1 << 40)
    window = runs.on_terminal("verify")
    window.expect(
        r"\r░+  Checking Tiny-Q4_K_M  0 %  0\.0/1\.1 TB  [\d.]+ [MG]B/s  (\d+h )?\d+m( \d\ds)? left"
    )
    window.send(CTRL_C)
    ended = end_of(window)
    assert ended.status == 130
    assert ended.output.endswith("\x1b[2Kshammah: Stopped\r\n")
    assert path_of(runs, WHAT).exists()
