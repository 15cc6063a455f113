"""The Hub's cache as this program and huggingface_hub see it."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.fetch_messages import Fetched, Progressed
from shammah_tui.ports import ChildExited, ModelSource
from tests.children.fetch_runs import clean_environment
from tests.loopback.hub import LoopbackHub

REPO = "owner/model"
Q4 = random.Random(21).randbytes(700_000)
Q8 = random.Random(22).randbytes(900_000)
FILES: dict[str, bytes | Path] = {
    "model-Q4_K_M.gguf": Q4,
    "model-Q8_0-00001-of-00002.gguf": Q8[:400_000],
    "model-Q8_0-00002-of-00002.gguf": Q8[400_000:],
    "README.md": b"# Model",
}
BY_QUANT = ModelSpec("q4", "Model Q4", repo=REPO, quant="Q4_K_M")
BY_NAME = ModelSpec("q4f", "Model Q4", repo=REPO, files=(WeightsFile("model-Q4_K_M.gguf"),))
SPLIT = ModelSpec("q8", "Model Q8", repo=REPO, quant="Q8_0")


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """Return a hub with one repository."""
    with LoopbackHub() as running:
        running.add_repo(REPO, FILES)
        yield running


@pytest.fixture
def source(hub: LoopbackHub, tmp_path: Path) -> HubSource:
    """Return a source with an empty cache."""
    return source_for(hub, tmp_path)


def source_for(hub: LoopbackHub, home: Path, **environment: str) -> HubSource:
    return HubSource(
        home / "hub", hub.url, home / "fetch.log", None, clean_environment(home, **environment)
    )


def fetch(source: ModelSource, model: ModelSpec) -> Any:
    """Fetch a model and return the last event before the child's end."""
    events: list[Any] = []
    over = threading.Event()

    def on_event(event: Any) -> None:
        events.append(event)
        if isinstance(event, ChildExited):
            over.set()

    running = source.start_fetch(model, on_event)
    assert over.wait(30)
    running.stop()
    return events[-2]


def library(code: str, *arguments: object) -> str:
    """Run a piece of Python that uses huggingface_hub, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_DISABLE_XET": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


LOCAL_ONLY = (
    "import sys; from huggingface_hub import hf_hub_download; "
    "print(hf_hub_download(sys.argv[1], sys.argv[2], cache_dir=sys.argv[3], "
    "local_files_only=True))"
)
DOWNLOAD = (
    "import sys; from huggingface_hub import hf_hub_download; "
    "print(hf_hub_download(sys.argv[1], sys.argv[2], cache_dir=sys.argv[3], endpoint=sys.argv[4], "
    "revision=sys.argv[5]))"
)
SCAN = (
    "import sys; from huggingface_hub import scan_cache_dir; i = scan_cache_dir(sys.argv[1]); "
    "print(len(i.warnings), i.size_on_disk, len(i.incomplete_files), "
    "[(r.repo_id, r.nb_files, sorted(r.refs)) for r in i.repos])"
)


def test_what_we_fetched_the_library_finds(source: HubSource, tmp_path: Path) -> None:
    for model in (BY_QUANT, SPLIT):
        assert isinstance(fetch(source, model), Fetched)
    for name in list(FILES)[:3]:
        found = library(LOCAL_ONLY, REPO, name, tmp_path / "hub").strip()
        content = FILES[name]
        assert Path(found).read_bytes() == content
    assert source.find(BY_QUANT) == Path(
        library(LOCAL_ONLY, REPO, "model-Q4_K_M.gguf", tmp_path / "hub").strip()
    )
    scan = library(SCAN, tmp_path / "hub")
    assert scan.strip() == f"0 {len(Q4) + len(Q8)} 0 [('{REPO}', 3, ['main'])]"


def test_what_the_library_fetched_we_find(
    source: HubSource, hub: LoopbackHub, tmp_path: Path
) -> None:
    assert source.find(BY_QUANT) is None
    path = library(DOWNLOAD, REPO, "model-Q4_K_M.gguf", tmp_path / "hub", hub.url, "main").strip()
    for model in (BY_QUANT, BY_NAME):
        assert str(source.find(model)) == path
        assert source.kept_bytes(model) == len(Q4)
    served = hub.bytes_served
    assert fetch(source, BY_QUANT).paths == (path,)
    assert hub.bytes_served == served


def test_a_pinned_commit_is_found_without_a_ref(
    source: HubSource, hub: LoopbackHub, tmp_path: Path
) -> None:
    commit = hub.repos[REPO].branches["main"]
    path = library(DOWNLOAD, REPO, "model-Q4_K_M.gguf", tmp_path / "hub", hub.url, commit).strip()
    file = WeightsFile("model-Q4_K_M.gguf", len(Q4))
    pinned = ModelSpec("p", "P", repo=REPO, revision=commit, files=(file,))
    assert str(source.find(pinned)) == path


def test_a_file_of_another_size_is_not_the_one(source: HubSource) -> None:
    fetch(source, BY_QUANT)
    wrong = WeightsFile("model-Q4_K_M.gguf", len(Q4) + 1)
    assert source.find(ModelSpec("w", "W", repo=REPO, files=(wrong,))) is None


def test_a_part_that_is_missing_is_missed(source: HubSource) -> None:
    assert fetch(source, SPLIT).paths[0].endswith("00001-of-00002.gguf")
    first = source.find(SPLIT)
    assert first is not None
    (first.parent / "model-Q8_0-00002-of-00002.gguf").unlink()
    assert source.find(SPLIT) is None
    assert source.kept_bytes(SPLIT) == 400_000
    names = tuple(WeightsFile(f"model-Q8_0-0000{n}-of-00002.gguf") for n in (1, 2))
    assert source.kept_bytes(ModelSpec("n", "N", repo=REPO, files=names)) == 400_000


def test_nothing_heavy_is_imported_to_look(source: HubSource, tmp_path: Path) -> None:
    fetch(source, BY_QUANT)
    code = (
        "import sys; from pathlib import Path\n"
        "from shammah_tui.adapters.hub.hub_source import HubSource\n"
        "from shammah_tui.core.model.model_spec import ModelSpec\n"
        "source = HubSource(Path(sys.argv[1]), '', Path('log'), None, {})\n"
        "assert source.find(ModelSpec('x', 'x', repo='owner/model', quant='Q4_K_M'))\n"
        "print([m for m in ('huggingface_hub', 'httpx2', 'filelock') if m in sys.modules])\n"
    )
    assert library(code, tmp_path / "hub").strip() == "[]"


def test_delete_takes_just_that_models_files(source: HubSource, tmp_path: Path) -> None:
    for model in (BY_QUANT, SPLIT):
        fetch(source, model)
    assert source.delete(BY_QUANT) == len(Q4)
    assert source.find(BY_QUANT) is None
    assert source.kept_bytes(BY_QUANT) == 0
    assert source.find(SPLIT) is not None
    assert library(SCAN, tmp_path / "hub").strip() == f"0 {len(Q8)} 0 [('{REPO}', 2, ['main'])]"
    assert source.delete(SPLIT) == len(Q8)
    assert not (tmp_path / "hub" / "models--owner--model").exists()
    assert source.delete(SPLIT) == 0


def test_delete_takes_every_link_to_the_bytes(source: HubSource, hub: LoopbackHub) -> None:
    fetch(source, BY_NAME)
    hub.replace_file(REPO, "README.md", b"# Newer")
    fetch(source, BY_NAME)
    path = source.find(BY_NAME)
    assert path is not None
    links = [each for each in path.parents[2].rglob("*.gguf") if each.is_symlink()]
    assert len(links) == 2
    assert source.delete(BY_NAME) == len(Q4)
    assert not path.parents[2].exists()


def test_delete_keeps_what_does_not_belong_to_it(source: HubSource, tmp_path: Path) -> None:
    precious = tmp_path / "precious.gguf"
    precious.write_bytes(b"mine")
    fetch(source, BY_NAME)
    path = source.find(BY_NAME)
    assert path is not None
    path.unlink()
    path.symlink_to(precious)
    assert source.delete(BY_NAME) == 0
    assert precious.read_bytes() == b"mine"
    assert not path.is_symlink()


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec("x", "x", repo="../..", quant="Q4_K_M"),
        ModelSpec("x", "x", repo=REPO, files=(WeightsFile("../../../precious.gguf"),)),
        ModelSpec("x", "x", repo=REPO, revision="../../..", quant="Q4_K_M"),
    ],
    ids=["repository", "file", "revision"],
)
def test_no_name_leads_out_of_the_cache(
    source: HubSource, tmp_path: Path, model: ModelSpec
) -> None:
    fetch(source, BY_NAME)
    precious = tmp_path / "precious.gguf"
    precious.write_bytes(b"mine")
    assert source.find(model) is None
    assert source.kept_bytes(model) == 0
    assert source.delete(model) == 0
    assert precious.exists()
    assert source.find(BY_NAME) is not None


def test_a_partial_file_is_counted_and_can_be_discarded(
    source: HubSource, hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.throttle(1e6)
    moved = threading.Event()

    def on_event(event: Any) -> None:
        if isinstance(event, Progressed) and event.done_bytes > 300_000:
            moved.set()

    running = source.start_fetch(BY_QUANT, on_event)
    assert moved.wait(30)
    running.stop()
    for model in (BY_QUANT, BY_NAME):
        assert source.find(model) is None
        kept = source.kept_bytes(model)
        assert 200_000 < kept < len(Q4)
    assert source.kept_bytes(SPLIT) == 0
    # The library's scan is not disturbed by it, and its prune leaves it alone.
    assert library(SCAN, tmp_path / "hub").split(" [")[0] == "0 0 0"
    assert source.delete(SPLIT) == 0
    assert source.delete(BY_NAME) == kept
    assert not list((tmp_path / "hub").rglob("*.shammah*"))


def test_a_split_model_that_was_cancelled_in_part_two(
    source: HubSource, hub: LoopbackHub, tmp_path: Path
) -> None:
    hub.throttle(1e6)
    moved = threading.Event()

    def on_event(event: Any) -> None:
        if isinstance(event, Progressed) and event.done_bytes > 600_000:
            moved.set()

    running = source.start_fetch(SPLIT, on_event)
    assert moved.wait(30)
    running.stop()
    kept = source.kept_bytes(SPLIT)
    assert 500_000 < kept < len(Q8)
    assert source.kept_bytes(BY_QUANT) == 0
    assert source.delete(SPLIT) == kept
    assert not (tmp_path / "hub" / "models--owner--model").exists()


def test_a_local_file_is_found_and_never_deleted(source: HubSource, tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    model = ModelSpec("own", "Own", local_path=str(path))
    assert (source.find(model), source.kept_bytes(model)) == (None, 0)
    path.write_bytes(b"GGUF")
    assert (source.find(model), source.kept_bytes(model)) == (path, 4)
    assert source.delete(model) == 0
    assert path.exists()


def test_the_fetch_child_does_not_get_the_key_for_claude(hub: LoopbackHub, tmp_path: Path) -> None:
    environment = Path("/proc/self/environ")
    if not environment.exists():
        pytest.skip("a process's environment is read from /proc")
    hub.throttle(1e6)
    source = source_for(hub, tmp_path, ANTHROPIC_API_KEY="sk-secret", HF_TOKEN="hf_good")
    running = source.start_fetch(BY_QUANT, lambda event: None)
    hub.wait_for_bytes(1)
    seen = Path(f"/proc/{running.pid}/environ").read_bytes()  # type: ignore[attr-defined]
    running.stop()
    assert b"sk-secret" not in seen
    assert b"hf_good" in seen


def test_the_limit_reaches_the_child(hub: LoopbackHub, tmp_path: Path) -> None:
    source = HubSource(
        tmp_path / "hub", hub.url, tmp_path / "log", 700_000, clean_environment(tmp_path)
    )
    rates: list[float] = []

    def on_event(event: Any) -> None:
        if isinstance(event, Progressed) and event.rate_bytes_per_s:
            rates.append(event.rate_bytes_per_s)
        if isinstance(event, ChildExited):
            over.set()

    over = threading.Event()
    running = source.start_fetch(SPLIT, on_event)
    assert over.wait(30)
    running.stop()
    assert rates
    assert max(rates) < 1_000_000
