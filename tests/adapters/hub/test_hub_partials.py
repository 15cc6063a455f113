"""What is left of partial files and their records, whichever of the two is there."""

from array import array
from pathlib import Path

import pytest
from filelock import FileLock

from shammah_tui.adapters.hub.hub_cache import HubCache, PartialFile, partials_in
from shammah_tui.adapters.hub.hub_listing import cached_models
from shammah_tui.children.fetch.cache_folder import CacheFolder
from shammah_tui.core.errors import InUseError
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.block_map import WRITTEN, BlockMapHeader, encode_header

REPO, FILE, ETAG = "owner/model", "model-Q4_K_M.gguf", "ab" * 32
BLOCK, SIZE = 65536, 10 * 65536 + 100
MODEL = ModelSpec("m", "Model", repo=REPO, files=(WeightsFile(FILE, SIZE, ETAG),))
BY_QUANT = ModelSpec("q", "Model", repo=REPO, quant="Q4_K_M")


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    """Return the folder of the repository's blobs."""
    folder = tmp_path / "models--owner--model" / "blobs"
    folder.mkdir(parents=True)
    return folder


def write_map(blobs: Path, blocks: int) -> None:
    header = BlockMapHeader(FILE, ETAG, SIZE, BLOCK)
    entries = array("I", [WRITTEN] * blocks)
    (blobs / f"{ETAG}.shammah.map").write_bytes(encode_header(header) + entries.tobytes())


def write_data(blobs: Path, size_bytes: int) -> None:
    (blobs / f"{ETAG}.shammah").write_bytes(b"x" * size_bytes)


def test_sound(blobs: Path, tmp_path: Path) -> None:
    write_map(blobs, 4)
    write_data(blobs, 4 * BLOCK)
    assert partials_in(blobs) == [PartialFile(ETAG, FILE, SIZE, 4 * BLOCK, 4 * BLOCK)]
    (record,) = CacheFolder(tmp_path, REPO, {}).partials()
    assert (record.header.file, record.kept_bytes) == (FILE, 4 * BLOCK)
    for model in (MODEL, BY_QUANT):
        assert HubCache(tmp_path).kept_bytes(model) == 4 * BLOCK


@pytest.mark.parametrize(
    ("data_bytes", "kept"),
    [(0, 0), (2 * BLOCK + 5, 2 * BLOCK), (SIZE - 1, 10 * BLOCK), (SIZE, SIZE)],
)
def test_a_record_is_believed_as_far_as_there_are_bytes(
    blobs: Path, tmp_path: Path, data_bytes: int, kept: int
) -> None:
    write_map(blobs, 11)
    write_data(blobs, data_bytes)
    assert HubCache(tmp_path).kept_bytes(MODEL) == kept


def test_a_record_without_its_bytes(blobs: Path, tmp_path: Path) -> None:
    write_map(blobs, 4)
    assert CacheFolder(tmp_path, REPO, {}).partials() == []
    assert HubCache(tmp_path).kept_bytes(MODEL) == 0
    assert cached_models(tmp_path) == ()
    assert HubCache(tmp_path).delete(MODEL) == 0
    assert not blobs.exists()


@pytest.mark.parametrize("record", [None, b"", b"\0" * 5000, "of another file"])
def test_bytes_without_their_record(
    blobs: Path, tmp_path: Path, record: bytes | str | None
) -> None:
    write_data(blobs, 3 * BLOCK)
    if isinstance(record, str):
        header = BlockMapHeader(FILE, "cd" * 32, SIZE, BLOCK)
        record = encode_header(header)
    if record is not None:
        (blobs / f"{ETAG}.shammah.map").write_bytes(record)
    cache = HubCache(tmp_path)
    assert cache.kept_bytes(MODEL) == 3 * BLOCK
    (found,) = cached_models(tmp_path)
    assert (found.is_nameless, found.kept_bytes, found.is_whole) == (True, 3 * BLOCK, False)
    # Of another model they are not.
    other = ModelSpec("o", "Other", repo=REPO, files=(WeightsFile(FILE, SIZE, "ef" * 32),))
    assert cache.delete(other) == 0
    assert cache.delete(MODEL) == 3 * BLOCK
    assert not blobs.exists()


def test_holes_take_no_room(blobs: Path) -> None:
    with (blobs / f"{ETAG}.shammah").open("wb") as data:
        data.seek(100 * BLOCK)
        data.write(b"x" * BLOCK)
    (found,) = partials_in(blobs)
    assert found.frees_bytes < 10 * BLOCK


def test_files_of_other_names_are_none_of_ours(blobs: Path) -> None:
    for name in ("x.shammah", f"{ETAG}.incomplete", f"{ETAG}.shammah.old", ETAG):
        (blobs / name).write_bytes(b"x")
    assert partials_in(blobs) == []


def test_what_another_program_fetches_is_not_deleted(blobs: Path, tmp_path: Path) -> None:
    write_map(blobs, 4)
    write_data(blobs, 4 * BLOCK)
    lock = tmp_path / ".locks" / "models--owner--model" / f"{ETAG}.lock"
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(InUseError, match="Another program is downloading"):
        HubCache(tmp_path).delete(MODEL)
    assert HubCache(tmp_path).kept_bytes(MODEL) == 4 * BLOCK
    assert HubCache(tmp_path).delete(MODEL) == 4 * BLOCK


def test_another_version_of_the_same_name_stays(blobs: Path, tmp_path: Path) -> None:
    whole = "12" * 32
    (blobs / whole).write_bytes(b"GGUF whole")
    snapshot = blobs.parent / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / FILE).symlink_to(f"../../blobs/{whole}")
    refs = blobs.parent / "refs"
    refs.mkdir()
    (refs / "main").write_text("c" * 40)
    write_map(blobs, 4)
    write_data(blobs, 4 * BLOCK)
    assert HubCache(tmp_path).delete(MODEL) == 4 * BLOCK
    assert (snapshot / FILE).read_bytes() == b"GGUF whole"
    assert HubCache(tmp_path).delete(BY_QUANT) == 10
