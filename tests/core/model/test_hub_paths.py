"""Names that may be used in the cache."""

import pytest

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_names import check_path, is_commit, is_etag, repo_folder


def test_folder_of_a_repository() -> None:
    assert repo_folder("unsloth/Qwen3.5-4B-GGUF") == "models--unsloth--Qwen3.5-4B-GGUF"


@pytest.mark.parametrize(
    "repo", ["", "one", "a/b/c", "../x", "a/..", "a/b--c", "/a", "a/", "a/b\n"]
)
def test_no_folder_for(repo: str) -> None:
    with pytest.raises(InvalidModelError) as caught:
        repo_folder(repo)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", ["model.gguf", "Q4/model-00001-of-00002.gguf", "refs/pr/1"])
def test_good_paths(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        "./a",
        "a\\b",
        "C:a",
        "a\0b",
        "a\u202eb",
        "x" * 300,
        "ü/" * 500 + "x",
    ],
)
def test_bad_paths(path: str) -> None:
    with pytest.raises(InvalidModelError) as caught:
        check_path(path)
    assert str(caught.value).isprintable()


def test_commits_and_etags() -> None:
    assert is_commit("0123456789abcdef" * 2 + "01234567")
    assert not is_commit("main")
    assert not is_commit("A" * 40)
    assert is_etag("a" * 64) and is_etag("b" * 40)
    assert not is_etag("a" * 63)
    assert not is_etag("../" + "a" * 61)
