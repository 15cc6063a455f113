"""Settings out of parsed TOML: every value taken, every mistake told in one line."""

import dataclasses
import tomllib
from typing import Any

import pytest

from shammah_tui.core.model.model_spec import DevicePreference, Ladder, ModelEntry
from shammah_tui.core.settings.settings import (
    ClaudeSettings,
    EndpointSettings,
    LocalSettings,
    Settings,
)
from shammah_tui.core.settings.settings_table import Known, settings_from

KNOWN = Known(keys=("stop", "models", "quit"), themes=("textual-dark", "nord"))


def read(toml: str, known: Known | None = KNOWN) -> tuple[Settings, tuple[str, ...]]:
    return settings_from(tomllib.loads(toml), known)


FULL = """
system_prompt = "Answer\\nbriefly."
theme = "Nord"

[claude]
model = "claude-opus-5"
max_tokens = 4096

[local]
model = "owner/repo:Q8_0"
context_length = 16384
device = "GPU"
threads = 6
download_limit = "2MB/s"
ladder = "on"

[endpoint]
url = "http://gpu-box:8080/v1/"
model = "qwen3.5-9b"
key_env = "GPU_BOX_KEY"

[keys]
stop = "ctrl+x"
models = ["f2", "ctrl+o"]

[[models]]
id = "tiny"
repo = "me/tiny"
file = "tiny.gguf"
label = "My tiny"

[[models]]
id = "here"
file = "~/models/here.gguf"
size = "2.7 GB"
"""


def test_nothing_is_all_defaults() -> None:
    assert read("") == (Settings(), ())
    assert Settings().claude.model == "claude-sonnet-5-5"
    assert Settings().local.device is DevicePreference.AUTO


def test_everything() -> None:
    settings, problems = read(FULL)
    assert problems == ()
    assert settings == Settings(
        system_prompt="Answer\nbriefly.",
        theme="nord",
        claude=ClaudeSettings("claude-opus-5", 4096),
        local=LocalSettings(
            "owner/repo:Q8_0", 16384, DevicePreference.GPU, 6, 2_000_000, ladder=Ladder.ON
        ),
        endpoint=EndpointSettings("http://gpu-box:8080/v1", "qwen3.5-9b", "GPU_BOX_KEY"),
        keys={"stop": "ctrl+x", "models": "f2,ctrl+o"},
        models=(
            ModelEntry("tiny", "me/tiny", "tiny.gguf", "My tiny"),
            ModelEntry("here", file="~/models/here.gguf", size_bytes=2_700_000_000),
        ),
    )


def test_settings_cannot_be_changed() -> None:
    settings, _ = read(FULL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.theme = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.keys["stop"] = "x"  # type: ignore[index]


ADDRESS = "[endpoint] url must be an address such as http://gpu-box:8080"
MISSPELT = "[endpoint] modle is not a setting; did you mean model?"
MISTAKES = [
    # What stands in the file, and all that the one line must say.
    ("them = 'nord'", "them is not a setting; did you mean theme?"),
    ("zzz = 1", "zzz is not a setting"),
    ("local_ = 1", "local_ is not a setting; did you mean local?"),
    ("system_prompt = 3", "system_prompt must be text in quotes"),
    (
        "theme = 'nrod'",
        "theme must be one of textual-dark, nord; did you mean nord?",
    ),
    ("claude = 'opus'", "claude must be a section: write [claude] on a line of its own"),
    ("[claude]\nmodle = 'x'", "[claude] modle is not a setting; did you mean model?"),
    ("[claude]\nmodel = '  '", "[claude] model must be one line of text that is not empty"),
    ("[claude]\nmodel = 'a\tb'", "[claude] model must be one line of text that is not empty"),
    (
        "[claude]\nmax_tokens = 0",
        "[claude] max_tokens must be a whole number from 1 to 1000000",
    ),
    (
        "[claude]\nmax_tokens = true",
        "[claude] max_tokens must be a whole number from 1 to 1000000",
    ),
    (
        "[local]\ncontext_length = '8K'",
        (
            "[local] context_length must be a whole number from 512 to 1048576, "
            "or 0 for as long as fits"
        ),
    ),
    (
        "[local]\nthreads = -1",
        "[local] threads must be a whole number from 1 to 1024, or 0 for the engine's own choice",
    ),
    ("[local]\ndevice = 'gpus'", "[local] device must be one of auto, gpu, cpu; did you mean gpu?"),
    (
        "[local]\ndownload_limit = '2 MBit'",
        "[local] download_limit must be a rate such as 2MB/s or 500kB/s",
    ),
    ("[local]\ndownload_limit = 2", "[local] download_limit must be text in quotes"),
    (
        "[local]\ndownload_limit = '10B/s'",
        "[local] download_limit must be at least 1kB/s; leave it out for no limit",
    ),
    ("[local]\nladder = 'yes'", "[local] ladder must be one of auto, on, off"),
    (
        "[[models]]\nid = 'a'\nrepo = 'o/r'\nsize = 'large'",
        "[[models]] 1: size must be a size such as 2.7GB or 530MB",
    ),
    ("[endpoint]\nmodel = 'm'", "[endpoint] url is missing: give the server's address"),
    ("[endpoint]\nurl = 'gpu-box:8080'", ADDRESS),
    ("[endpoint]\nurl = 'ftp://gpu-box'", ADDRESS),
    ("[endpoint]\nurl = 'http://'", ADDRESS),
    ("[endpoint]\nurl = 'http://[::1'", ADDRESS),
    ("[endpoint]\nurl = 'http://gpu-box:80808'", ADDRESS),
    ("[endpoint]\nurl = 'http://gpu box'", ADDRESS),
    ("[endpoint]\nurl = 'http://gpu-box/?key=1'", ADDRESS),
    (
        "[endpoint]\nurl = 'http://me:secret@gpu-box'",
        "[endpoint] url must not hold a name or password; name a variable with key_env",
    ),
    (
        "[endpoint]\nurl = 'http://gpu-box'\nkey_env = 'sk-secret'",
        "[endpoint] key_env must be the name of an environment variable, not the key itself",
    ),
    ("[endpoint]\nurl = 'http://gpu-box'\nmodle = 'm'", MISSPELT),
    ("[keys]\nstopp = 'f3'", "[keys] stopp is not a setting; did you mean stop?"),
    (
        "[keys]\nstop = 'ctrl q'",
        "[keys] stop must name a key such as escape, f2 or ctrl+q, or a list of keys",
    ),
    (
        "[keys]\nstop = ''",
        "[keys] stop must name a key such as escape, f2 or ctrl+q, or a list of keys",
    ),
    ("[keys]\nstop = []", "[keys] stop must be text in quotes"),
    ("[models]\nid = 'x'", "models must be a list: write [[models]] above each one"),
    ("[[models]]\nrepo = 'a/b'", "[[models]] 1: id is missing"),
    (
        "[[models]]\nid = 'x'",
        '[[models]] 1: repo is missing; give repo = "owner/name", or file with a path',
    ),
    (
        "[[models]]\nid = 'x'\nrepo = 'b'",
        "[[models]] 1: repo must be owner/name, owner/name:QUANT or a model's address",
    ),
    (
        "[[models]]\nid = 'x y'\nrepo = 'a/b'",
        "[[models]] 1: id must be letters, digits, dots, dashes and underscores",
    ),
    (
        "[[models]]\nid = 'x'\nrepo = 'a/b'\nfile = 'x.bin'",
        "[[models]] 1: file must name a .gguf file",
    ),
    (
        "[[models]]\nid = 'x'\nrepo = 'a/b:Q8_0'\nfile = 'x.gguf'",
        "[[models]] 1: repo already says which quantization; leave out that or file",
    ),
    (
        "[[models]]\nid = 'x'\nrepo = 'a/b'\nlable = 'y'",
        "[[models]] 1: lable is not a setting; did you mean label?",
    ),
]


@pytest.mark.parametrize(("toml", "line"), MISTAKES)
def test_a_mistake_is_one_line_and_the_default(toml: str, line: str) -> None:
    settings, problems = read(toml)
    assert problems == (line,)
    assert settings == Settings()


def test_what_is_right_beside_a_mistake_counts() -> None:
    settings, problems = read(
        """
        theme = "nord"
        [claude]
        max_tokens = "many"
        model = "claude-x"
        [keys]
        quit = "q"
        nothing = "n"
        [[models]]
        id = "bad"
        [[models]]
        id = "good"
        repo = "a/b"
        [[models]]
        id = "GOOD"
        repo = "a/c"
        """
    )
    assert settings.theme == "nord"
    assert settings.claude == ClaudeSettings("claude-x")
    assert settings.keys == {"quit": "q"}
    assert settings.models == (ModelEntry("good", "a/b"),)
    assert len(problems) == 4
    assert problems[-1] == "[[models]] 3: id GOOD is taken by an entry above"


@pytest.mark.parametrize(
    "url", ["", "http://gpu-box", "https://box.example:8443/llm/v1", "http://[::1]:8080"]
)
def test_addresses_of_an_endpoint(url: str) -> None:
    settings, problems = read(f"[endpoint]\nurl = '{url}'")
    assert (settings.endpoint, problems) == (EndpointSettings(url), ())


def test_names_are_not_checked_when_the_caller_knows_none() -> None:
    settings, problems = read("theme = 'any'\n[keys]\nany = 'f5'", None)
    assert problems == ()
    assert (settings.theme, settings.keys) == ("any", {"any": "f5"})


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("2MB/s", 2_000_000),
        ("500 kB/s", 500_000),
        ("500KB/s", 500_000),
        ("1.5MiB/s", 1_572_864),
        ("1GB/s", 1_000_000_000),
        ("4096B/s", 4_096),
        ("", None),
    ],
)
def test_download_limit(written: str, limit: int | None) -> None:
    settings, problems = read(f"[local]\ndownload_limit = '{written}'")
    assert (settings.local.download_limit_bytes_per_s, problems) == (limit, ())


@pytest.mark.parametrize(
    "key", ["escape", "ctrl+q", "ctrl+shift+f2", "?", "question_mark", "f12,ctrl+o", "ctrl+/"]
)
def test_keys(key: str) -> None:
    settings, problems = read(f"[keys]\nstop = '{key}'")
    assert (settings.keys, problems) == ({"stop": key}, ())


@pytest.mark.parametrize("value", ["0", "nan", "1979-05-27", "[1]", "{a = 1}", "true", "'x'"])
@pytest.mark.parametrize(
    "place",
    ["theme = ", "[claude]\nmodel = ", "[local]\nthreads = ", "[keys]\nstop = ", "models = "],
)
def test_a_value_of_any_type_is_survived(place: str, value: str) -> None:
    settings, problems = read(place + value)
    assert isinstance(settings, Settings)
    assert all(problem.isprintable() for problem in problems)


def test_an_entry_that_is_no_table() -> None:
    table: dict[str, Any] = {"models": ["tiny"]}
    _, problems = settings_from(table)
    assert problems == ("[[models]] 1: id is missing",)


@pytest.mark.parametrize(("written", "thinking"), [("true", True), ("false", False)])
def test_thinking(written: str, thinking: bool) -> None:
    settings, problems = read(f"[local]\nthinking = {written}")
    assert (settings.local.thinking, problems) == (thinking, ())


@pytest.mark.parametrize("written", ["1", '"yes"', "[]"])
def test_thinking_is_true_or_false(written: str) -> None:
    settings, problems = read(f"[local]\nthinking = {written}")
    assert problems == ("[local] thinking must be true or false",)
    assert settings.local.thinking is False
