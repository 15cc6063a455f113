import pytest

from shammah_tui.core.catalogue import CATALOGUE
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model_ref import (
    LocalFiles,
    from_hub_file,
    model_from_entry,
    parse_model,
)
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.settings import ModelEntry

HERE = {"/m/a.gguf", "/m/b-00001-of-00002.gguf", "/m/b-00002-of-00002.gguf", "/m/blob"}
HERE |= {"/m/c-00001-of-00002.gguf", "/m/x/y/z.gguf", "/home/me/d.GGUF"}
MINE = ModelSpec("Mine", "My model", repo="me/mine", quant="Q8_0")


def absolute(path: str) -> str:
    if path.startswith("~"):
        return "/home/me" + path[1:]
    return path if path.startswith("/") else "/m/" + path.removeprefix("./")


LOCAL = LocalFiles(is_file=lambda path: absolute(path) in HERE, absolute=absolute)


def parse(what: str) -> ModelSpec:
    return parse_model(what, (*CATALOGUE, MINE), LOCAL)


@pytest.mark.parametrize("what", ["qwen3.5-4b", "QWEN3.5-4B", " Qwen3.5-4b "])
def test_catalogue_id(what: str) -> None:
    model = parse(what)
    assert model in CATALOGUE
    assert model.label == "Qwen3.5 4B"


def test_own_id() -> None:
    assert parse("mine") is MINE


@pytest.mark.parametrize(
    ("what", "repo", "quant"),
    [
        ("bartowski/Tiny-1.5B-GGUF", "bartowski/Tiny-1.5B-GGUF", "Q4_K_M"),
        ("bartowski/Tiny-1.5B-GGUF:q8_0", "bartowski/Tiny-1.5B-GGUF", "Q8_0"),
        ("a/b:UD-IQ3_XXS", "a/b", "UD-IQ3_XXS"),
    ],
)
def test_repository(what: str, repo: str, quant: str) -> None:
    model = parse(what)
    assert (model.repo, model.quant, model.files, model.local_path) == (repo, quant, (), None)
    assert model.id == f"{repo}:{quant}"
    assert model.size_bytes is None


def test_repository_names_tell_label_family_and_size() -> None:
    model = parse("someone/Qwen3-0.6B-abliterated-GGUF")
    assert model.label == "Qwen3-0.6B-abliterated Q4_K_M"
    assert (model.family, model.params_b) == ("Qwen3", 0.6)


def test_another_quantization_of_a_known_repository_has_its_figures() -> None:
    known, model = parse("qwen3.5-9b"), parse("unsloth/Qwen3.5-9B-GGUF:Q8_0")
    assert model.quant == "Q8_0"
    assert model.revision is None
    assert model.files == ()
    assert model.kv_bytes_per_token == known.kv_bytes_per_token == 32_768
    assert model.family == "Qwen3.5"


@pytest.mark.parametrize(
    "what",
    [
        "unsloth/Qwen3.5-9B-GGUF",
        "unsloth/Qwen3.5-9B-GGUF:q4_k_m",
        "unsloth/Qwen3.5-9B-GGUF/Qwen3.5-9B-Q4_K_M.gguf",
    ],
)
def test_what_the_catalogue_pins_is_pinned(what: str) -> None:
    assert parse(what) is parse("qwen3.5-9b")


def test_file_in_a_repository() -> None:
    model = parse("me/some-GGUF/sub/model-7B.gguf")
    assert model.repo == "me/some-GGUF"
    assert [file.name for file in model.files] == ["sub/model-7B.gguf"]
    assert (model.label, model.params_b) == ("model-7B", 7.0)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_any_part_names_the_whole(part: int) -> None:
    model = parse(f"me/some/Q4/x-0000{part}-of-00003.gguf")
    assert [file.name for file in model.files] == [
        "Q4/x-00001-of-00003.gguf",
        "Q4/x-00002-of-00003.gguf",
        "Q4/x-00003-of-00003.gguf",
    ]
    assert model.id == "me/some/Q4/x-00001-of-00003.gguf"


@pytest.mark.parametrize(
    ("what", "path"),
    [
        ("/m/a.gguf", "/m/a.gguf"),
        ("a.gguf", "/m/a.gguf"),
        ("./a.gguf", "/m/a.gguf"),
        ("x/y/z.gguf", "/m/x/y/z.gguf"),
        ("~/d.GGUF", "/home/me/d.GGUF"),
        ("/m/blob", "/m/blob"),
        ("/m/b-00002-of-00002.gguf", "/m/b-00001-of-00002.gguf"),
    ],
)
def test_local_file(what: str, path: str) -> None:
    model = parse(what)
    assert (model.local_path, model.repo) == (path, None)


def test_local_file_label() -> None:
    assert parse("~/d.GGUF").label == "d"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("qwen3.5-4", "qwen3.5-4b"),
        ("qwen35-9b", "qwen3.5-9b"),
        ("nonsense", "owner/repo:QUANT"),
        ("", "owner/repo:QUANT"),
        ("/m/missing.gguf", "There is no file /m/missing.gguf"),
        ("missing.gguf", "There is no file"),
        ("~/missing", "There is no file /home/me/missing"),
        ("c-00001-of-00002.gguf", "c-00002-of-00002.gguf"),
        ("/m/b-00003-of-00002.gguf", "part"),
        ("me/some/b-00003-of-00002.gguf", "not a GGUF file"),
        ("me/some/b-00000-of-00002.gguf", "not a GGUF file"),
        ("me/some/b-00001-of-99999.gguf", "not a GGUF file"),
        ("me/some/readme.md", "not a GGUF file"),
        ("me/some/../../etc/x.gguf", "not a GGUF file"),
        ("me/some//x.gguf", "not a GGUF file"),
        ("me/some/a\\b.gguf", "not a GGUF file"),
        ("me/some/.hidden.gguf", "not a GGUF file"),
        ("me/../x", "is not a model"),
        ("me--you/x", "is not a model"),
        ("me/x:", "is not a model"),
        ("me/x:Q4 K", "is not a model"),
        ("https://hub.example/me/x", "is not a model"),
        ("bad\x1b[31m\nname", "“bad name”"),
    ],
)
def test_refused_with_a_sentence(what: str, said: str) -> None:
    with pytest.raises(InvalidModelError) as refused:
        parse(what)
    sentence = str(refused.value)
    assert said in sentence
    assert sentence.isprintable()


def test_a_repository_that_cannot_be() -> None:
    with pytest.raises(InvalidModelError, match="owner/repo"):
        from_hub_file("not a repo", "x.gguf")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            ModelEntry("t", "me/tiny-7B", "sub/t-Q8_0.gguf", "Tiny"),
            ModelSpec("t", "Tiny", repo="me/tiny-7B", files=(WeightsFile("sub/t-Q8_0.gguf"),)),
        ),
        (
            ModelEntry("t", "me/tiny-7B-GGUF"),
            ModelSpec("t", "tiny-7B Q4_K_M", repo="me/tiny-7B-GGUF", quant="Q4_K_M", params_b=7.0),
        ),
        (
            ModelEntry("t", "me/tiny:Q8_0"),
            ModelSpec("t", "tiny Q8_0", repo="me/tiny", quant="Q8_0"),
        ),
        (ModelEntry("t", file="~/d.GGUF"), ModelSpec("t", "d", local_path="/home/me/d.GGUF")),
    ],
)
def test_settings_entry(entry: ModelEntry, expected: ModelSpec) -> None:
    assert model_from_entry(entry, LOCAL) == expected


@pytest.mark.parametrize(
    "entry",
    [
        ModelEntry("t", file="/m/missing.gguf"),
        ModelEntry("t", "me/tiny", "../tiny.gguf"),
        ModelEntry("t", "me/tiny", "a-00009-of-00002.gguf"),
    ],
)
def test_settings_entry_refused(entry: ModelEntry) -> None:
    with pytest.raises(InvalidModelError):
        model_from_entry(entry, LOCAL)
