"""One name leads to one model, in every command, with and without the network."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.command_runs import FILE, REPO, CommandRuns
from tests.commands.conftest import FILES

FOLDER = "models--" + REPO.replace("/", "--")
SIZE = len(FILES[FILE])  # type: ignore[arg-type]


def ways(runs: CommandRuns) -> list[str]:
    """Return what people call the repository's default model."""
    hub = runs.hub.url
    return [
        REPO,
        f"{REPO}/",
        f" '{REPO}' ",
        REPO.lower(),
        f"{REPO}:q4_k_m",
        f"{REPO}@main",
        f"hf.co/{REPO}",
        f"huggingface.co/{REPO}:Q4_K_M",
        f"https://huggingface.co/{REPO}/tree/main",
        f"https://www.huggingface.co/{REPO}/blob/main/{FILE}",
        f"{hub}/{REPO}/resolve/main/{FILE}?download=true",
        f"{REPO}/{FILE.lower()}",
        f"{REPO}@{runs.hub.repos[REPO].branches['main'][:12]}",
    ]


def test_every_way_to_name_it_leads_to_one_copy(runs: CommandRuns) -> None:
    runs.hub.renamed[REPO.lower()] = REPO
    for what in ways(runs)[:-1]:
        shutil.rmtree(runs.cache, ignore_errors=True)
        ended = runs.here("pull", what)
        assert ended.status == 0, (what, ended)
        assert [path.name for path in runs.cache.glob("models--*")] == [FOLDER], what
        assert runs.names() == [f"{REPO}/{FILE}"], what
    served = runs.hub.bytes_served
    for what in ways(runs):
        assert runs.here("path", what).status == 0, what
        assert runs.here("verify", what).status == 0, what
        assert "nothing was downloaded" in runs.here("pull", what).output, what
    assert runs.hub.bytes_served == served
    assert runs.here("rm", "--yes", REPO.upper()).status == 0
    assert runs.names() == []


@pytest.mark.parametrize("ref", ["gone", "moved on", "garbage"])
def test_what_is_whole_is_found_whatever_the_ref_says(runs: CommandRuns, ref: str) -> None:
    assert runs.here("pull", REPO).status == 0
    main = runs.cache / FOLDER / "refs" / "main"
    if ref == "gone":
        shutil.rmtree(main.parent)
    elif ref == "moved on":
        main.write_text("f" * 40)
        newer = runs.cache / FOLDER / "snapshots" / ("f" * 40)
        newer.mkdir()
        (newer / "config.json").write_text("{}")
    else:
        main.write_text("\0\0")
    shutil.rmtree(runs.cache / ".locks")
    runs.hub.stop()
    assert runs.names() == [f"{REPO}/{FILE}"]
    for what in ways(runs):
        found = runs.here("path", what)
        assert (found.status, found.errors) == (0, ""), what
        assert Path(found.output.strip()).read_bytes() == FILES[FILE]
        assert "nothing was downloaded" in runs.here("pull", what).output


def test_what_llama_cpp_fetched_itself_is_seen(runs: CommandRuns) -> None:
    folder = runs.home / ".cache" / "llama.cpp"
    folder.mkdir(parents=True)
    path = folder / (REPO.replace("/", "_") + "_" + FILE)
    path.write_bytes(FILES[FILE])  # type: ignore[arg-type]
    (folder / f"{path.name}.json").write_text("{}")
    (folder / "owner_x_mmproj-F16.gguf").write_bytes(b"GGUF")
    assert runs.names() == [str(path)]
    for what in (REPO, f"{REPO}:Q4_K_M", f"{REPO}/{FILE}", str(path)):
        assert runs.here("path", what).output == f"{path}\n"
        assert "nothing was downloaded" in runs.here("pull", what).output
    refused = runs.here("rm", "--yes", str(path))
    assert refused.status == 1
    assert path.exists()


def test_what_lm_studio_and_ollama_fetched_is_seen(runs: CommandRuns) -> None:
    content = FILES[FILE]
    assert isinstance(content, bytes)
    repo = runs.home / ".lmstudio" / "models" / "owner" / "repo"
    repo.mkdir(parents=True)
    for name in ("m-Q4_K_M.gguf", "mmproj-F16.gguf", "half-00001-of-00002.gguf"):
        (repo / name).write_bytes(content)
    ollama = runs.home / ".ollama" / "models"
    (ollama / "blobs").mkdir(parents=True)
    blob = ollama / "blobs" / f"sha256-{'ab' * 32}"
    blob.write_bytes(content)
    library = ollama / "manifests" / "registry.ollama.ai" / "library" / "llama3.2"
    library.mkdir(parents=True)
    layers = [
        {"mediaType": "application/vnd.ollama.image.license", "digest": f"sha256:{'cd' * 32}"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{'ab' * 32}"},
    ]
    (library / "3b").write_text(json.dumps({"layers": layers}))
    away = [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../x"}]
    (library / "away").write_text(json.dumps({"layers": away}))
    (library / "broken").write_text("[]")
    models = json.loads(runs.here("--json").output)
    assert {each["path"]: each["label"] for each in models} == {
        str(repo / "m-Q4_K_M.gguf"): "m-Q4_K_M",
        str(blob): "llama3.2:3b",
    }
    assert runs.here("path", str(blob)).output == f"{blob}\n"
    assert runs.here("rm", "--yes", str(blob)).status == 1
    assert blob.exists()


def test_the_only_quantization_is_taken_and_said(runs: CommandRuns) -> None:
    runs.hub.add_repo("a/onlyq8", {"m-Q8_0.gguf": b"GGUF" * 100})
    said = runs.here("pull", "a/onlyq8")
    assert said.status == 0
    assert "a/onlyq8/m-Q8_0.gguf (400 B)" in said.output
    assert "onlyq8 Q8_0 is here" in said.output
    assert "onlyq8 Q8_0 is here" in runs.here("pull", "a/onlyq8").output


def test_of_several_one_is_chosen_by_a_name_to_copy(runs: CommandRuns) -> None:
    files = {"m-1.5B-Q8_0.gguf": b"GGUF" * 9, "m-7B-Q8_0.gguf": b"GGUF" * 10}
    runs.hub.add_repo("a/sizes", files)
    said = runs.here("pull", "a/sizes")
    assert said.status == 3
    assert said.errors.startswith("shammah: Models of several sizes are here; choose one of ")
    first, second = said.errors.rstrip(".\n").split("choose one of ")[1].split(", ")
    assert (first, second) == ("a/sizes/m-1.5B-Q8_0.gguf", "a/sizes/m-7B-Q8_0.gguf")
    assert runs.here("pull", second).status == 0
    assert runs.names() == [second]


@pytest.mark.parametrize("command", ["pull", "rm", "path", "verify"])
def test_an_address_of_something_else_is_a_sentence(runs: CommandRuns, command: str) -> None:
    ended = runs.here(command, "https://huggingface.co/datasets/me/talk")
    assert ended.status == 2
    assert ended.errors.startswith("shammah: “https://huggingface.co/datasets/me/talk” is a data")
