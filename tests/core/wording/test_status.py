"""The header's wording, exactly, and what gives way when room is short."""

import dataclasses
from collections.abc import Iterator

import pytest

from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    Initializing,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAgreed,
    NotAvailable,
    Offline,
    Ready,
    SeveralThere,
    TooLittleMemory,
)
from shammah_tui.core.model.hardware import Gpu
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import Checked, Progressed, Waiting
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.core.text.plain_text import cell_width
from shammah_tui.core.wording.status import Part, StatusKeys, fit, progress, status_parts

QWEN = ModelSpec("q", "Qwen3.5 4B", repo="a/b")
LONG = ModelSpec("l", "someone/a-very-very-long-name-of-a-model-GGUF", repo="a/b")
WIDE = ModelSpec("w", "通义千问模型通义千问模型通义千问模型", repo="a/b")
DONE, TOTAL = 1_233_000_000, 2_740_000_000
MOVING = Progressed(DONE, TOTAL, 18_200_000.0)
KEPT = Progressed(DONE, TOTAL)
DOWNLOADING = Downloading(QWEN, MOVING)
WAITING = Downloading(QWEN, KEPT, Waiting("the network", 7.2, KEPT))

WORDING: list[tuple[GeneratorState, str]] = [
    (Initializing(), "Starting…"),
    (Initializing(QWEN), "Starting…"),
    (DOWNLOADING, "Downloading Qwen3.5 4B  45 %  1.2/2.7 GB  18 MB/s  1m 23s left"),
    (
        Downloading(QWEN, dataclasses.replace(MOVING, part=2, parts=3)),
        "Downloading Qwen3.5 4B  45 %  1.2/2.7 GB  18 MB/s  1m 23s left  part 2 of 3",
    ),
    (Downloading(QWEN), "Downloading Qwen3.5 4B"),
    (
        Downloading(QWEN, Progressed(640_000_000, 0, 2e6)),
        "Downloading Qwen3.5 4B  640 MB  2.0 MB/s",
    ),
    (
        Downloading(QWEN, Progressed(DONE, TOTAL, 0.0)),
        "Downloading Qwen3.5 4B  45 %  1.2/2.7 GB  0 B/s",
    ),
    (
        Downloading(QWEN, Progressed(TOTAL, TOTAL, 5e6)),
        "Downloading Qwen3.5 4B  100 %  2.7/2.7 GB  5.0 MB/s",
    ),
    (
        WAITING,
        "Qwen3.5 4B  45 %  waiting for the network · next try in 8 s · 1.2/2.7 GB kept",
    ),
    (
        Downloading(QWEN, MOVING, Checked(630, 1_000)),
        "Qwen3.5 4B  45 %  checking 63 % · 1.2/2.7 GB kept",
    ),
    (Loading(QWEN), "Loading Qwen3.5 4B…"),
    (Loading(QWEN, 0.633), "Loading Qwen3.5 4B…  63 %"),
    (Ready(QWEN, "CUDA", 33, 33), "✓ Qwen3.5 4B ready · CUDA 33/33 layers"),
    (Ready(QWEN, "Metal", 20, 33), "✓ Qwen3.5 4B ready · Metal 20/33 layers"),
    (Ready(QWEN, "Vulkan", 20), "✓ Qwen3.5 4B ready · Vulkan 20 layers"),
    (Ready(QWEN, "CPU", 0, 33), "✓ Qwen3.5 4B ready · CPU"),
    (Failed(QWEN, "The disk is full.", True), "✗ Failed: The disk is full · F9 retry"),
    (Failed(None, "No such repository", False), "✗ Failed: No such repository"),
    (Failed(None, "bad\x1b[31m\nname[/b]", False), "✗ Failed: bad name[/b]"),
    (NotAvailable(Offline()), "⚠ Offline: Claude answers (no local model here)"),
    (
        NotAvailable(DownloadCancelled(QWEN, DONE, TOTAL)),
        "Cancelled · 1.2 of 2.7 GB kept · F9 resume",
    ),
    (NotAvailable(DownloadCancelled(QWEN, DONE, 0)), "Cancelled · 1.2 GB kept · F9 resume"),
    (
        NotAvailable(DownloadCancelled(QWEN, 0, TOTAL)),
        "Cancelled · nothing kept · F9 retry",
    ),
    (NotAvailable(LoadCancelled(QWEN)), "Cancelled · F9 retry"),
    (NotAvailable(NotAgreed(QWEN)), "Qwen3.5 4B not downloaded · Claude answers · F9 download"),
    (NotAvailable(LoadCancelled(None)), "Cancelled · F9 retry"),
    (NotAvailable(SeveralThere("a/b", 3)), "Choose a model: 3 in a/b · F2 models"),
    (
        NotAvailable(TooLittleMemory(2_000_000_000, 900_000_000)),
        (
            "⚠ Too little memory for a local model · Claude answers"
            " · needs 2.0 GB, 900 MB free · F2 models"
        ),
    ),
    (
        NotAvailable(NoEngine()),
        "⚠ llama.cpp is not installed · Claude answers · pip install llama-cpp-python",
    ),
]


@pytest.mark.parametrize(("state", "words"), WORDING)
def test_wording(state: GeneratorState, words: str) -> None:
    assert fit(status_parts(state, StatusKeys(), claude_available=True), 200) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (0.1, "1 s"), (59, "59 s"), (60, "1m 00s"), (95, "1m 35s")]
)
def test_the_time_until_the_next_try(seconds: float, words: str) -> None:
    state = Downloading(QWEN, Progressed(), Waiting("\x1b[31mthe\nnetwork", seconds, Progressed()))
    said = fit(status_parts(state, StatusKeys(), claude_available=True), 200)
    assert said == f"Qwen3.5 4B  waiting for the network · next try in {words}"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Offline(), "⚠ Offline: no local model here · no Claude key is set"),
        (
            NoEngine(),
            "⚠ llama.cpp is not installed · no Claude key is set · pip install llama-cpp-python",
        ),
        (
            TooLittleMemory(2_000_000_000, 900_000_000),
            (
                "⚠ Too little memory for a local model · no Claude key is set"
                " · needs 2.0 GB, 900 MB free · F2 models"
            ),
        ),
    ],
)
def test_claude_is_not_promised_without_a_key(
    state: Offline | NoEngine | TooLittleMemory, words: str
) -> None:
    parts = status_parts(NotAvailable(state), StatusKeys(), claude_available=False)
    assert fit(parts, 200) == words


@pytest.mark.parametrize(("state", "words"), WORDING)
def test_only_forwarding_depends_on_claude(state: GeneratorState, words: str) -> None:
    without = fit(status_parts(state, StatusKeys(), claude_available=False), 200)
    assert "Claude answers" not in without
    if "Claude answers" not in words:
        assert without == words


def test_keys_are_called_what_they_are_bound_to() -> None:
    keys = StatusKeys(cancel="^x", retry="^r", models="^m")
    for state, words in WORDING:
        line = fit(status_parts(state, keys, claude_available=True), 200)
        assert line == words.replace("F9", "^r").replace("F2", "^m")


@pytest.mark.parametrize(
    ("state", "width", "words"),
    [
        (DOWNLOADING, 62, "Downloading Qwen3.5 4B  45 %  1.2/2.7 GB  18 MB/s  1m 23s left"),
        (DOWNLOADING, 61, "Downloading Qwen3.5 4B  45 %  1.2/2.7 GB  1m 23s left"),
        (DOWNLOADING, 52, "Downloading Qwen3.5 4B  45 %  1m 23s left"),
        (DOWNLOADING, 40, "Downloading Qwen3.5 4B  45 %"),
        (DOWNLOADING, 27, "Downloading Qwen3.5 4B"),
        (DOWNLOADING, 20, "Downloading Qwen3.5…"),
        (DOWNLOADING, 5, "Down…"),
        (WAITING, 70, "Qwen3.5 4B  45 %  waiting for the network · next try in 8 s"),
        (WAITING, 48, "Qwen3.5 4B  45 %  waiting for the network"),
        (Downloading(LONG, MOVING), 40, "Downloading someone/a-very-very-l…  45 %"),
        (Ready(QWEN, "CUDA", 33, 33), 37, "✓ Qwen3.5 4B ready"),
        (Ready(LONG, "CUDA", 33, 33), 30, "✓ someone/a-very-very-l… ready"),
        (
            Failed(QWEN, "The disk is full, free 2.1 GB", True),
            40,
            "✗ Failed: The disk is full,… · F9 retry",
        ),
        (Failed(QWEN, "The disk is full", True), 30, "✗ Failed: The disk is full"),
        (NotAvailable(Offline()), 30, "⚠ Offline: Claude answers"),
        (NotAvailable(DownloadCancelled(QWEN, DONE, TOTAL)), 40, "Cancelled · F9 resume"),
    ],
)
def test_the_least_important_gives_way_first(state: GeneratorState, width: int, words: str) -> None:
    assert fit(status_parts(state, StatusKeys(), claude_available=True), width) == words


RTX = Gpu("NVIDIA GeForce RTX 4090", "CUDA", 24 * 2**30, 20 * 2**30)


@pytest.mark.parametrize(
    ("state", "width", "words"),
    [
        (
            Ready(QWEN, "CPU", 0, 33),
            80,
            "✓ Qwen3.5 4B ready · CPU · RTX 4090 idle: see shammah doctor",
        ),
        (Ready(QWEN, "CPU", 0, 33), 50, "✓ Qwen3.5 4B ready · CPU"),
        (Ready(QWEN, "Vulkan", 33, 33), 80, "✓ Qwen3.5 4B ready · Vulkan 33/33 layers"),
        (Ready(QWEN, "", 0), 80, "✓ Qwen3.5 4B ready"),
        (Loading(QWEN), 80, "Loading Qwen3.5 4B…"),
    ],
)
def test_a_card_that_stands_idle_is_named_where_the_processor_works(
    state: GeneratorState, width: int, words: str
) -> None:
    idle = (RTX, dataclasses.replace(RTX, name="another"))
    parts = status_parts(state, StatusKeys(), claude_available=True, idle_gpus=idle)
    assert fit(parts, width) == words


def _states() -> Iterator[GeneratorState]:
    for state, _ in WORDING:
        yield state
        for model in (LONG, WIDE):
            if isinstance(state, Downloading | Loading | Ready):
                yield dataclasses.replace(state, model=model)


@pytest.mark.parametrize("state", list(_states()))
def test_no_line_is_wider_than_the_room_at_any_width(state: GeneratorState) -> None:
    parts = status_parts(state, StatusKeys(), claude_available=True)
    lines = [fit(parts, width) for width in range(121)]
    for width, line in enumerate(lines):
        assert cell_width(line) <= width
        assert width == 0 or line
        assert line.isprintable()


@pytest.mark.parametrize(
    ("use", "warming", "width", "line"),
    [
        (None, 0, 80, "✓ Qwen3.5 4B ready · CPU"),
        (ContextUse(1234, 8192), 0, 80, "✓ Qwen3.5 4B ready · CPU · 1.2k of 8k tokens"),
        (
            ContextUse(1234, 8192),
            1234,
            80,
            "✓ Qwen3.5 4B ready · CPU · reading ahead (1.2k tokens)",
        ),
        # What is read before anybody has seen the words is not worth them.
        (ContextUse(1234, 8192), 99, 80, "✓ Qwen3.5 4B ready · CPU · 1.2k of 8k tokens"),
        (None, 99, 80, "✓ Qwen3.5 4B ready · CPU"),
        # The first to give way.
        (ContextUse(1234, 8192), 0, 40, "✓ Qwen3.5 4B ready · CPU"),
        (None, 1234, 40, "✓ Qwen3.5 4B ready · CPU"),
    ],
)
def test_what_the_model_has_of_the_conversation(
    use: ContextUse | None, warming: int, width: int, line: str
) -> None:
    parts = status_parts(
        Ready(QWEN, "CPU", 0),
        StatusKeys(),
        claude_available=True,
        context_use=use,
        warming_tokens=warming,
    )
    assert fit(parts, width) == line


def test_only_a_model_that_is_ready_has_any_of_it() -> None:
    parts = status_parts(
        Loading(QWEN), StatusKeys(), claude_available=True, context_use=ContextUse(1, 2)
    )
    assert "tokens" not in fit(parts, 200)


def test_shrinking_parts_take_the_room_that_is_left() -> None:
    parts = (Part("abcdefgh", shrink_to=3), Part("xy", joiner=" "), Part("12345678", shrink_to=4))
    assert fit(parts, 22) == "abcdefgh xy · 12345678"
    assert fit(parts, 19) == "abcdefgh xy · 1234…"
    assert fit(parts, 16) == "abcde… xy · 123…"
    assert fit((*parts, Part("end")), 25) == "abcdefgh xy · 1234… · end"
    assert fit(parts, 13) == "ab… xy · 123…"


@pytest.mark.parametrize(
    ("state", "bar"),
    [
        (Initializing(), None),
        (Downloading(QWEN), None),
        (Downloading(QWEN, Progressed(1, 4)), 0.25),
        (Loading(QWEN), None),
        (Loading(QWEN, 0.5), 0.5),
        (Ready(QWEN, "CPU", 0), None),
        (Failed(QWEN, "x", True), None),
        (NotAvailable(DownloadCancelled(QWEN, 1, 4)), 0.25),
        (NotAvailable(DownloadCancelled(QWEN, 1, 0)), None),
        (NotAvailable(Offline()), None),
    ],
)
def test_progress(state: GeneratorState, bar: float | None) -> None:
    assert progress(state) == bar


SMALL = Ready(ModelSpec("s", "Qwen3.5 0.8B", repo="a/s"), "CPU", 0, 25)
CANCELLED = NotAvailable(DownloadCancelled(QWEN, DONE, TOTAL))
LADDER: list[tuple[GeneratorState, int, str]] = [
    (
        DOWNLOADING,
        200,
        "✓ Qwen3.5 0.8B ready · downloading Qwen3.5 4B  45 %  1.2/2.7 GB  18 MB/s  1m 23s left",
    ),
    (DOWNLOADING, 54, "✓ Qwen3.5 0.8B ready · downloading Qwen3.5 4B  45 %"),
    (DOWNLOADING, 40, "downloading Qwen3.5 4B  45 %"),
    (
        WAITING,
        200,
        (
            "✓ Qwen3.5 0.8B ready · Qwen3.5 4B  45 %  waiting for the network · next try in 8 s · "
            "1.2/2.7 GB kept"
        ),
    ),
    (Initializing(QWEN), 200, "✓ Qwen3.5 0.8B ready · starting…"),
    (Loading(QWEN, 0.5), 200, "✓ Qwen3.5 0.8B ready · loading Qwen3.5 4B…  50 %"),
    (
        CANCELLED,
        200,
        "✓ Qwen3.5 0.8B ready · Qwen3.5 4B cancelled · 1.2 of 2.7 GB kept · F9 resume",
    ),
    (CANCELLED, 68, "✓ Qwen3.5 0.8B ready · Qwen3.5 4B cancelled · F9 resume"),
    (
        NotAvailable(LoadCancelled(QWEN)),
        200,
        "✓ Qwen3.5 0.8B ready · Qwen3.5 4B cancelled · F9 retry",
    ),
    (
        NotAvailable(NotAgreed(QWEN)),
        200,
        "✓ Qwen3.5 0.8B ready · Qwen3.5 4B not downloaded · F9 download",
    ),
    (
        Failed(QWEN, "The disk is full.", True),
        200,
        "✓ Qwen3.5 0.8B ready · ✗ Qwen3.5 4B failed: The disk is full · F9 retry",
    ),
]


@pytest.mark.parametrize(("state", "width", "words"), LADDER)
def test_what_replies_is_said_beside_what_comes(
    state: GeneratorState, width: int, words: str
) -> None:
    parts = status_parts(state, StatusKeys(), claude_available=False, active=SMALL)
    assert fit(parts, width) == words


def test_what_comes_next_is_said() -> None:
    small = Downloading(SMALL.model, Progressed(1_000, 10_000))
    for state, words in (
        (small, "Downloading Qwen3.5 0.8B  10 %  1/10 kB · Qwen3.5 4B next"),
        (SMALL, "✓ Qwen3.5 0.8B ready · CPU · Qwen3.5 4B next"),
    ):
        parts = status_parts(state, StatusKeys(), claude_available=False, next_rung=QWEN)
        assert fit(parts, 200) == words


def test_the_starter_is_not_called_ready_and_answers_where_claude_cannot() -> None:
    starter = Ready(ModelSpec("starter", "Tiny", local_path="/t", is_starter=True), "CPU", 0, 31)
    for state in (DOWNLOADING, Loading(QWEN), Failed(QWEN, "The disk is full.", True), CANCELLED):
        for claude_available in (True, False):
            plainly = status_parts(state, StatusKeys(), claude_available=claude_available)
            parts = status_parts(
                state, StatusKeys(), claude_available=claude_available, active=starter
            )
            more = "" if claude_available else " · the starter answers"
            assert fit(parts, 200) == fit(plainly, 200) + more
    parts = status_parts(DOWNLOADING, StatusKeys(), claude_available=False, active=starter)
    assert fit(parts, 52) == "Downloading Qwen3.5 4B  45 % · the starter answers"
