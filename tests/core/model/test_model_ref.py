import pytest

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_ref import (
    LocalFiles,
    from_hub_file,
    model_from_entry,
    parse_model,
    with_found_files,
)
from shammah_tui.core.model.model_spec import ModelEntry, ModelSpec, WeightsFile

HERE = {"/m/a.gguf", "/m/b-00001-of-00002.gguf", "/m/b-00002-of-00002.gguf", "/m/blob"}
HERE |= {"/m/c-00001-of-00002.gguf", "/m/x/y/z.gguf", "/home/me/d.GGUF"}
MINE = ModelSpec("Mine", "My model", repo="me/mine", quant="Q8_0")


def absolute(path: str) -> str:
    if path.startswith("~"):
        return "/home/me" + path[1:]
    return path if path.startswith("/") else "/m/" + path.removeprefix("./")


MIRROR = "http://mirror.lan:8080/hf"
LOCAL = LocalFiles(lambda path: absolute(path) in HERE, absolute, endpoint=MIRROR)


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
        ("bartowski/Tiny-1.5B-GGUF", "bartowski/Tiny-1.5B-GGUF", None),
        ("bartowski/Tiny-1.5B-GGUF:q8_0", "bartowski/Tiny-1.5B-GGUF", "Q8_0"),
        ("a/b:UD-IQ3_XXS", "a/b", "UD-IQ3_XXS"),
    ],
)
def test_repository(what: str, repo: str, quant: str | None) -> None:
    model = parse(what)
    assert (model.repo, model.quant, model.files, model.local_path) == (repo, quant, (), None)
    assert model.id == (f"{repo}:{quant}" if quant else repo)
    assert model.size_bytes is None


def test_repository_names_tell_label_family_and_size() -> None:
    model = parse("someone/Qwen3-0.6B-abliterated-GGUF")
    assert model.label == "Qwen3-0.6B-abliterated"
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
            ModelSpec("t", "tiny-7B", repo="me/tiny-7B-GGUF", params_b=7.0),
        ),
        (
            ModelEntry("t", "me/tiny:Q8_0"),
            ModelSpec("t", "tiny Q8_0", repo="me/tiny", quant="Q8_0"),
        ),
        (
            ModelEntry("t", file="~/d.GGUF", size_bytes=530_000_000),
            ModelSpec("t", "d", local_path="/home/me/d.GGUF", expected_bytes=530_000_000),
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


SHA = "ccc4d211c10d" + "0" * 28
REPO = "Qwen/Qwen3-0.6B-GGUF"
FILE = "Qwen3-0.6B-Q8_0.gguf"


@pytest.mark.parametrize(
    ("what", "revision", "quant", "file"),
    [
        (f"https://huggingface.co/{REPO}", None, None, None),
        (f"http://huggingface.co/{REPO}/", None, None, None),
        (f"HTTPS://WWW.HuggingFace.co/{REPO}", None, None, None),
        (f"huggingface.co/{REPO}", None, None, None),
        (f"  “https://huggingface.co/{REPO}” ", None, None, None),
        (f"<https://huggingface.co/{REPO}>", None, None, None),
        (f"'{REPO}'", None, None, None),
        (f"\u200b{REPO}\ufeff", None, None, None),
        (f"{REPO}/", None, None, None),
        (f"hf.co/{REPO}", None, None, None),
        (f"hf.co/{REPO}:Q8_0", None, "Q8_0", None),
        (f"hf.co/{REPO}:latest", None, None, None),
        (f"hf.co/{REPO}:{FILE}", None, None, FILE),
        (f"hf://{REPO}:Q8_0", None, "Q8_0", None),
        (f"https://hf-mirror.com/{REPO}/tree/main", None, None, None),
        (f"{MIRROR}/{REPO}/tree/main", None, None, None),
        (f"mirror.lan:8080/hf/{REPO}:Q8_0", None, "Q8_0", None),
        (f"https://huggingface.co/{REPO}/tree/main", None, None, None),
        (f"https://huggingface.co/{REPO}/tree/main/UD-Q4_K_XL", None, "UD-Q4_K_XL", None),
        (f"https://huggingface.co/{REPO}/tree/v1.1", "v1.1", None, None),
        (f"https://huggingface.co/{REPO}/tree/refs%2Fpr%2F3", "refs/pr/3", None, None),
        (f"https://huggingface.co/{REPO}/commit/{SHA}", SHA, None, None),
        (f"https://huggingface.co/{REPO}/discussions/4", None, None, None),
        (f"https://huggingface.co/{REPO}?library=llama-cpp-python#usage", None, None, None),
        (f"https://huggingface.co/{REPO}?show_file_info={FILE}", None, None, FILE),
        (f"https://huggingface.co/{REPO}/blob/main/{FILE}", None, None, FILE),
        (f"https://huggingface.co/{REPO}/resolve/main/{FILE}?download=true", None, None, FILE),
        (f"https://huggingface.co/{REPO}/resolve/{SHA}/sub/{FILE}", SHA, None, f"sub/{FILE}"),
        (f"https://huggingface.co/{REPO}/blob/main/a%20b%2Bc.gguf", None, None, "a b+c.gguf"),
        (f"https://huggingface.co/api/models/{REPO}/revision/main", None, None, None),
        (f"{REPO}/resolve/main/{FILE}", None, None, FILE),
        (f"{REPO}/blob/v2/{FILE}", "v2", None, FILE),
        (f"{REPO}@main", None, None, None),
        (f"{REPO}@v2", "v2", None, None),
        (f"{REPO}@v2:Q8_0", "v2", "Q8_0", None),
        (f"{REPO}:q8_0@v2", "v2", "Q8_0", None),
        (f"{REPO}@refs/pr/3:Q8_0", "refs/pr/3", "Q8_0", None),
        (f"{REPO}@v2/{FILE}", "v2", None, FILE),
        (f"{REPO}/{FILE}@ccc4d211c10d", "ccc4d211c10d", None, FILE),
        (f"{REPO}/sub/{FILE}@{SHA}", SHA, None, f"sub/{FILE}"),
    ],
)
def test_whatever_people_copy_is_understood(
    what: str, revision: str | None, quant: str | None, file: str | None
) -> None:
    model = parse(what)
    names = tuple(each.name for each in model.files)
    assert (model.repo, model.revision, model.quant) == (REPO, revision, quant)
    assert names == ((file,) if file else ())
    again = parse(model.id)
    assert again == model, "what a model is called leads to it again"


@pytest.mark.parametrize(
    "what",
    [
        f"{REPO}.git",
        f"git clone https://huggingface.co/{REPO}",
        f"git@hf.co:{REPO}",
        f"https://me:secret@huggingface.co/{REPO}",
        f"https://huggingface.co//{REPO.replace('/', '//')}",
        f"ollama run hf.co/{REPO}",
        f"hf download {REPO}",
        f"llama-server -hf {REPO}",
        f"-hf {REPO}",
        f"[the model](https://huggingface.co/{REPO})",
    ],
)
def test_what_is_copied_with_a_name_does_not_count(what: str) -> None:
    assert (parse(what).repo, parse(what).quant) == (REPO, None)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("https://huggingface.co/datasets/me/talk", "is a data set, not a model"),
        ("datasets/me/talk", "is a data set, not a model"),
        ("hf.co/spaces/me/demo", "is a Space, not a model"),
        ("https://huggingface.co/collections/Qwen/qwen3-67", "is a collection, not a model"),
        ("https://huggingface.co/models?search=qwen", "is a list of models, not a model"),
        ("https://huggingface.co/papers/2505.09388", "is a paper, not a model"),
        ("https://huggingface.co/Qwen", "names only “Qwen”: give owner/repo"),
        ("https://huggingface.co/", "names no model: give owner/repo"),
        ("https://huggingface.co", "names no model: give owner/repo"),
        (f"https://huggingface.co/{REPO}/blob/main/README.md", "“README.md” is not a GGUF file's"),
        (f"https://huggingface.co/{REPO}/blob/main/..%2F..%2Fx.gguf", "is not a GGUF file's name"),
        (f"https://modelscope.cn/{REPO}", "is not a model: give an id such as"),
        (f"https://huggingface.co.evil.example/{REPO}", "is not a model"),
        (f"{REPO}@../c", "is not a"),
        (f"{REPO}@..", "is not a model"),
        ("ftp://huggingface.co/me/x", "is not a model"),
    ],
)
def test_an_address_of_something_else_is_a_sentence(what: str, said: str) -> None:
    with pytest.raises(InvalidModelError) as refused:
        parse(what)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_file_of_this_machine_by_its_address() -> None:
    assert parse("file:///m/a.gguf").local_path == "/m/a.gguf"


@pytest.mark.parametrize("what", ["UNSLOTH/qwen3.5-9b-gguf", "unsloth/qwen3.5-9B-GGUF:Q4_K_M"])
def test_the_catalogue_is_known_in_any_letter_case(what: str) -> None:
    assert parse(what) is parse("qwen3.5-9b")


def test_the_label_tells_the_quantization_once_it_is_known() -> None:
    model = parse("me/Tiny-GGUF")
    assert with_found_files(model, ["sub/Tiny-UD-Q8_0.gguf"]).label == "Tiny UD-Q8_0"
    assert with_found_files(model, ["model.gguf"]).label == "Tiny"
    named = model_from_entry(ModelEntry("t", "me/Tiny-GGUF", label="Mine"), LOCAL)
    assert with_found_files(named, ["Tiny-Q8_0.gguf"]).label == "Mine"


@pytest.mark.parametrize(
    ("entry", "file"),
    [
        (ModelEntry("t", f"https://huggingface.co/{REPO}/blob/main/{FILE}"), FILE),
        (ModelEntry("t", f"https://huggingface.co/{REPO}/tree/main", FILE), FILE),
        (ModelEntry("t", f"{MIRROR}/{REPO}", FILE), FILE),
    ],
)
def test_the_settings_take_addresses(entry: ModelEntry, file: str) -> None:
    model = model_from_entry(entry, LOCAL)
    assert (model.id, model.repo, model.files) == ("t", REPO, (WeightsFile(file),))
