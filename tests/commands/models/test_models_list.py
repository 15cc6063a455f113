"""``shammah models``: what is on this machine, whoever brought it there."""

import json
import re
import shutil
from pathlib import Path

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from tests.commands.command_runs import FILE, REPO, SPLIT, SPLIT_WHAT, CommandRuns, end_of
from tests.commands.conftest import FILES
from tests.test_import_hygiene import HEAVY, found, modules_after

PINNED = CATALOGUE[-1]


def by_the_library(runs: CommandRuns, name: str, revision: str) -> Path:
    """Let huggingface_hub fetch a file; return where it put it."""
    # Deferred: 0.2 s that only these tests need.
    from huggingface_hub import hf_hub_download

    path = hf_hub_download(
        REPO, name, revision=revision, cache_dir=runs.cache, endpoint=runs.hub.url
    )
    return Path(path)


def test_nothing_is_here(runs: CommandRuns) -> None:
    said = runs.run()
    assert (said.status, said.output) == (0, "")
    assert said.errors.startswith("shammah: No models yet: `shammah models pull qwen")
    assert runs.listed() == []
    assert not runs.cache.exists()


def test_the_table(runs: CommandRuns) -> None:
    runs.place(FILE)
    kept = runs.fetch_in_part(SPLIT_WHAT, 900_000)
    assert kept > 700_000
    own = runs.home / "own.gguf"
    own.write_bytes(b"GGUF" * 500)
    settings = runs.home / ".config" / "shammah" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'[[models]]\nid = "tiny"\nrepo = "{REPO}"\nlabel = "My tiny"\n'
        f'[[models]]\nid = "own"\nfile = "{own}"\n'
        f'[[models]]\nid = "gone"\nfile = "{own}.gguf"\n'
    )
    said = runs.run("--paths")
    assert said.status == 0
    assert said.errors.count("\n") == 1
    assert "models.gone: There is no file" in said.errors
    tiny, mine, split = said.output.splitlines()
    path = runs.run("path", "tiny").output.strip()
    assert re.fullmatch(rf"tiny +1\.5 MB +My tiny +{re.escape(path)}", tiny)
    assert re.fullmatch(rf"own +2\.0 kB +own +{re.escape(str(own))}", mine)
    assert re.fullmatch(
        rf"{REPO}/{SPLIT[0]} +0\.\d/1\.3 MB here +Tiny-Q8_0-00001-of-00002 +-", split
    )
    ended = end_of(runs.on_terminal(columns=140))
    assert ended.status == 0
    _, head, *_, total = ended.output.splitlines()
    assert head.split() == ["NAME", "SIZE", "MODEL"]
    assert re.fullmatch(rf"2\.\d MB in {re.escape(str(runs.cache))}", total)


def test_json_for_scripts(runs: CommandRuns) -> None:
    runs.place(*SPLIT)
    said = runs.run("--json")
    (model,) = json.loads(said.output)
    assert (said.status, said.errors) == (0, "")
    assert model["name"] == f"{REPO}/{SPLIT[0]}"
    assert model["complete"] is True
    assert model["size_bytes"] == model["kept_bytes"] == 1_300_000
    assert model["commit"] == runs.hub.repos[REPO].branches["main"]
    assert [file["name"] for file in model["files"]] == list(SPLIT)
    assert model["path"] == model["files"][0]["path"]
    assert Path(model["path"]).read_bytes() == FILES[SPLIT[0]]


def test_what_others_fetched_has_a_name_that_works(runs: CommandRuns) -> None:
    old = runs.hub.repos[REPO].branches["main"]
    first = by_the_library(runs, FILE, old)
    by_the_library(runs, "mmproj-F16.gguf", old)
    # By its commit alone, without a ref: the only one there is, it is what the name stands for.
    assert runs.names() == [f"{REPO}/{FILE}"]
    for what in (REPO, f"{REPO}/{FILE}", f"{REPO}/{FILE}@{old[:12]}", f"{REPO}@{old}"):
        assert runs.here("path", what).output == f"{first}\n", what
        assert runs.here("verify", what).status == 0, what
        assert "nothing was downloaded" in runs.here("pull", what).output, what
    runs.hub.replace_file(REPO, FILE, b"GGUF newer bytes")
    by_the_library(runs, FILE, "main")
    # Not any more what the plain name stands for.
    named = f"{REPO}/{FILE}@{old[:12]}"
    assert runs.names() == [f"{REPO}/{FILE}", named]
    assert runs.here("path", named).output == f"{first}\n"
    # The same bytes in two commits are one model.
    runs.hub.replace_file(REPO, "README.md", b"# Newer")
    by_the_library(runs, FILE, "main")
    assert runs.names() == [f"{REPO}/{FILE}", named]
    assert runs.here("rm", "--yes", named).status == 0
    assert not first.exists()
    assert runs.names() == [f"{REPO}/{FILE}"]


def test_a_catalogue_model_has_its_id(runs: CommandRuns) -> None:
    assert PINNED.repo is not None
    assert PINNED.revision is not None
    file = PINNED.files[0]
    root = runs.cache / ("models--" + PINNED.repo.replace("/", "--"))
    blob = root / "blobs" / str(file.sha256)
    pointer = root / "snapshots" / PINNED.revision / file.name
    for folder in (blob.parent, pointer.parent):
        folder.mkdir(parents=True)
    with blob.open("wb") as whole:
        whole.truncate(file.size_bytes)
    pointer.symlink_to(f"../../blobs/{blob.name}")
    (model,) = runs.listed()
    assert (model["name"], model["complete"]) == (PINNED.id, True)
    assert runs.here("path", PINNED.id).output == f"{pointer}\n"
    # Of another size it is not the one.
    with blob.open("r+b") as shorter:
        shorter.truncate(1_000_000)
    assert runs.here("--paths").output.split()[:3] == [PINNED.id, "1/491", "MB"]
    assert runs.here("path", PINNED.id).status == 3
    # Other bytes of the same name are another model.
    other = root / "snapshots" / ("a" * 40) / file.name
    other.parent.mkdir()
    other.write_bytes(b"GGUF")
    assert runs.names() == [PINNED.id, f"{PINNED.repo}/{file.name}@aaaaaaaaaaaa"]


def test_part_of_a_version_that_is_no_more(runs: CommandRuns) -> None:
    runs.fetch_in_part(f"{REPO}/{FILE}", 300_000)
    runs.hub.replace_file(REPO, FILE, bytes(1_200_000))
    # As another program would have left it: this one drops what was superseded.
    folder = runs.cache / "models--owner--Tiny-GGUF"
    shutil.copytree(folder, runs.home / "saved")
    assert runs.here("pull", f"{REPO}/{FILE}").status == 0
    shutil.copytree(runs.home / "saved" / "blobs", folder / "blobs", dirs_exist_ok=True)
    plain, part = runs.names()
    assert plain == f"{REPO}/{FILE}"
    assert re.fullmatch(rf"{REPO}/{FILE}@[0-9a-f]{{12}}", part)
    assert runs.here("path", part).status == 3
    assert runs.here("rm", "--yes", part).status == 0
    assert runs.names() == [plain]
    assert runs.here("path", plain).status == 0


@pytest.mark.parametrize(
    "name",
    [
        "models--gpt2/snapshots/{commit}/x.gguf",
        "models--owner--a--b/snapshots/{commit}/x.gguf",
        "models--owner--name/snapshots/main/x.gguf",
        "models--owner--name/snapshots/{commit}/bad\x1b[31m.gguf",
        "models--owner--name/snapshots/{commit}/.hidden/x.gguf",
        "models--owner--name/snapshots/{commit}/x-00009-of-00002.gguf",
        "models--owner--name/snapshots/{commit}/mmproj-F16.gguf",
        "models--owner--name/snapshots/{commit}/imatrix.gguf",
        "models--owner--name/snapshots/{commit}/x.safetensors",
        "datasets--owner--name/snapshots/{commit}/x.gguf",
    ],
)
def test_what_cannot_be_named_is_left_alone(runs: CommandRuns, name: str) -> None:
    path = runs.cache / name.format(commit="b" * 40)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    assert runs.listed() == []


def test_no_screen_and_no_sdk_is_imported(tmp_path: Path) -> None:
    code = "from shammah_tui.cli import main\nmain(['models'])\nmain(['models', 'path', 'x/y'])"
    assert not found(modules_after(code, tmp_path), {*HEAVY, "textual", "rich", "asyncio"})
