"""Every state with every event, and the figures that an event may bring."""

import dataclasses
import typing

import pytest

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    ImpossibleChangeError,
    Initializing,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAvailable,
    NotLoaded,
    Offline,
    Ready,
    TooLittleMemory,
    UnavailableReason,
    advance,
)
from shammah_tui.core.local.generator_events import (
    AttemptFailed,
    Cancelled,
    ContextChanged,
    DownloadChecked,
    DownloadProgressed,
    DownloadStarted,
    DownloadTruncated,
    DownloadWaiting,
    EngineMissing,
    FoundTooLittleMemory,
    GeneratorEvent,
    Loaded,
    LoadProgressed,
    LoadStarted,
    ModelChosen,
    OfflineCause,
    PreviousKept,
    Restarted,
    WeightsDeleted,
    WentOffline,
)
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile

QWEN = ModelSpec(
    "qwen3.5-4b",
    "Qwen3.5 4B",
    repo="a/b",
    files=(WeightsFile("f.gguf", 2_700), WeightsFile("g", 40)),
)
OTHER = ModelSpec("other", "Other 1B", repo="c/d")

STATES: dict[str, GeneratorState] = {
    "nothing chosen": Initializing(),
    "chosen": Initializing(QWEN),
    "downloading": Downloading(QWEN, 1_200, 2_740, 18.0, 2, 3),
    "loading": Loading(QWEN, 0.4),
    "ready": Ready(QWEN, "CUDA", 33, 33, 8192),
    "failed": Failed(QWEN, "The file is damaged.", retryable=True),
    "failed early": Failed(None, "No catalogue.", retryable=False),
    "offline": NotAvailable(Offline()),
    "download cancelled": NotAvailable(DownloadCancelled(QWEN, 1_200, 2_740)),
    "load cancelled": NotAvailable(LoadCancelled(QWEN)),
    "start cancelled": NotAvailable(LoadCancelled(None)),
    "too little memory": NotAvailable(TooLittleMemory(2_000, 1_000)),
    "no engine": NotAvailable(NoEngine()),
    "not loaded": NotAvailable(NotLoaded()),
}
EVENTS: dict[str, GeneratorEvent] = {
    "ModelChosen": ModelChosen(OTHER),
    "DownloadStarted": DownloadStarted(10, 2_740, 3),
    "DownloadProgressed": DownloadProgressed(1_300, 2_740, 20.0, 3, 3),
    "DownloadChecked": DownloadChecked(630, 1_000),
    "DownloadWaiting": DownloadWaiting("the network", 7.2, 1_100, 2_740),
    "DownloadTruncated": DownloadTruncated(1_000),
    "LoadStarted": LoadStarted(),
    "LoadProgressed": LoadProgressed(0.5),
    "Loaded": Loaded("Metal", 20, 33, 4096),
    "AttemptFailed": AttemptFailed("No space.", retryable=False),
    "Cancelled": Cancelled(),
    "WentOffline": WentOffline(OfflineCause.NO_NETWORK),
    "FoundTooLittleMemory": FoundTooLittleMemory(5, 4),
    "EngineMissing": EngineMissing(),
    "WeightsDeleted": WeightsDeleted(),
    "Restarted": Restarted(OTHER),
    "PreviousKept": PreviousKept(OTHER, "CPU", 0, 33, 4096),
    "ContextChanged": ContextChanged(4_096),
}
PREVIOUS = Ready(OTHER, "CPU", 0, 33, 4096)
POSSIBLE: dict[tuple[str, str], GeneratorState] = {
    ("nothing chosen", "ModelChosen"): Initializing(OTHER),
    ("nothing chosen", "AttemptFailed"): Failed(None, "No space.", retryable=False),
    ("nothing chosen", "Cancelled"): NotAvailable(LoadCancelled(None)),
    ("nothing chosen", "WentOffline"): NotAvailable(Offline(OfflineCause.NO_NETWORK)),
    ("nothing chosen", "FoundTooLittleMemory"): NotAvailable(TooLittleMemory(5, 4)),
    ("nothing chosen", "EngineMissing"): NotAvailable(NoEngine()),
    ("chosen", "ModelChosen"): Initializing(OTHER),
    ("chosen", "DownloadStarted"): Downloading(QWEN, 10, 2_740, parts=3),
    ("chosen", "LoadStarted"): Loading(QWEN),
    ("chosen", "AttemptFailed"): Failed(QWEN, "No space.", retryable=False),
    ("chosen", "Cancelled"): NotAvailable(LoadCancelled(QWEN)),
    ("chosen", "WentOffline"): NotAvailable(Offline(OfflineCause.NO_NETWORK)),
    ("chosen", "FoundTooLittleMemory"): NotAvailable(TooLittleMemory(5, 4)),
    ("chosen", "EngineMissing"): NotAvailable(NoEngine()),
    ("downloading", "ModelChosen"): Downloading(OTHER, 1_200, 2_740, 18.0, 2, 3),
    ("downloading", "DownloadProgressed"): Downloading(QWEN, 1_300, 2_740, 20.0, 3, 3),
    ("downloading", "DownloadChecked"): Downloading(
        QWEN, 1_200, 2_740, None, 2, 3, note="checking 63 %"
    ),
    ("downloading", "DownloadWaiting"): Downloading(
        QWEN, 1_100, 2_740, None, 2, 3, note="waiting for the network · next try in 8 s"
    ),
    ("downloading", "DownloadTruncated"): Downloading(QWEN, 1_000, 2_740, None, 2, 3),
    ("downloading", "LoadStarted"): Loading(QWEN),
    ("downloading", "AttemptFailed"): Failed(QWEN, "No space.", retryable=False),
    ("downloading", "Cancelled"): NotAvailable(DownloadCancelled(QWEN, 1_200, 2_740)),
    ("downloading", "WentOffline"): NotAvailable(Offline(OfflineCause.NO_NETWORK)),
    ("loading", "LoadStarted"): Loading(QWEN),
    ("loading", "LoadProgressed"): Loading(QWEN, 0.5),
    ("loading", "Loaded"): Ready(QWEN, "Metal", 20, 33, 4096),
    ("loading", "AttemptFailed"): Failed(QWEN, "No space.", retryable=False),
    ("loading", "Cancelled"): NotAvailable(LoadCancelled(QWEN)),
    ("loading", "EngineMissing"): NotAvailable(NoEngine()),
    ("ready", "AttemptFailed"): Failed(QWEN, "No space.", retryable=False),
    ("ready", "ContextChanged"): Ready(QWEN, "CUDA", 33, 33, 4_096),
    **{
        (name, "WeightsDeleted"): state
        for name, state in STATES.items()
        if isinstance(state, Failed | NotAvailable)
    },
    ("download cancelled", "WeightsDeleted"): NotAvailable(DownloadCancelled(QWEN, 0, 2_740)),
    ("load cancelled", "WeightsDeleted"): NotAvailable(DownloadCancelled(QWEN, 0, 2_740)),
    **{(state, "Restarted"): Initializing(OTHER) for state in STATES},
    **{(state, "PreviousKept"): PREVIOUS for state in STATES if state != "ready"},
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_state_with_every_event(state: str, event: str) -> None:
    expected = POSSIBLE.get((state, event))
    if expected is None:
        with pytest.raises(ImpossibleChangeError):
            advance(STATES[state], EVENTS[event])
    else:
        assert advance(STATES[state], EVENTS[event]) == expected


def test_the_tables_hold_every_state_reason_and_event_there_is() -> None:
    assert {type(state) for state in STATES.values()} == set(typing.get_args(GeneratorState))
    reasons = {type(s.reason) for s in STATES.values() if isinstance(s, NotAvailable)}
    assert reasons == set(typing.get_args(UnavailableReason))
    assert {type(event) for event in EVENTS.values()} == set(typing.get_args(GeneratorEvent))
    assert len(typing.get_args(GeneratorState)) == 6


def test_a_refusal_is_one_of_the_programs_errors() -> None:
    assert issubclass(ImpossibleChangeError, ShammahError)
    with pytest.raises(ImpossibleChangeError, match="DownloadStarted cannot happen while Ready"):
        advance(STATES["ready"], DownloadStarted())


@pytest.mark.parametrize(
    "event",
    [
        DownloadProgressed(1_199, 2_740),
        DownloadProgressed(2_741, 2_740),
        DownloadProgressed(1_300, 3_000),
        DownloadProgressed(1_300, 2_740, rate=-1.0),
        DownloadProgressed(1_300, 2_740, rate=float("nan")),
        DownloadProgressed(1_300, 2_740, rate=float("inf")),
        DownloadProgressed(1_300, 2_740, part=4, parts=3),
        DownloadProgressed(1_300, 2_740, part=0, parts=3),
        DownloadWaiting("the network", 1.0, 1_200, 2_000),
        DownloadTruncated(-1),
        DownloadTruncated(3_000),
    ],
)
def test_figures_of_a_download_that_cannot_be(event: GeneratorEvent) -> None:
    with pytest.raises(ImpossibleChangeError):
        advance(STATES["downloading"], event)


@pytest.mark.parametrize(
    ("event", "done", "total"),
    [
        (DownloadProgressed(1_200, 2_740), 1_200, 2_740),
        (DownloadProgressed(2_740, 2_740), 2_740, 2_740),
        (DownloadProgressed(1_300, 0), 1_300, 2_740),
        (DownloadWaiting("the network", 1.0, 0, 0), 0, 2_740),
        (DownloadTruncated(0), 0, 2_740),
        (DownloadChecked(0, 0), 1_200, 2_740),
    ],
)
def test_figures_of_a_download_that_can_be(event: GeneratorEvent, done: int, total: int) -> None:
    state = advance(STATES["downloading"], event)
    assert isinstance(state, Downloading)
    assert (state.done_bytes, state.total_bytes) == (done, total)


def test_a_download_may_begin_without_a_known_total_and_learn_it() -> None:
    state = advance(Initializing(QWEN), DownloadStarted())
    assert isinstance(state, Downloading)
    assert state.fraction is None
    state = advance(state, DownloadProgressed(500, 0))
    state = advance(state, DownloadProgressed(600, 1_200))
    assert isinstance(state, Downloading)
    assert state.fraction == 0.5


def test_bytes_make_the_note_of_a_wait_go_away() -> None:
    waiting = advance(STATES["downloading"], EVENTS["DownloadWaiting"])
    state = advance(waiting, DownloadProgressed(1_100, 2_740, 1.0))
    assert isinstance(state, Downloading)
    assert state.note == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (0.1, "1 s"), (59, "59 s"), (60, "1m 00s"), (95, "1m 35s")]
)
def test_the_time_until_the_next_try(seconds: float, words: str) -> None:
    event = DownloadWaiting("\x1b[31mthe\nnetwork", seconds, 1_200, 2_740)
    state = advance(STATES["downloading"], event)
    assert isinstance(state, Downloading)
    assert state.note == f"waiting for the network · next try in {words}"


@pytest.mark.parametrize("fraction", [-0.1, 0.39, 1.01, float("nan")])
def test_load_progress_that_cannot_be(fraction: float) -> None:
    with pytest.raises(ImpossibleChangeError):
        advance(Loading(QWEN, 0.4), LoadProgressed(fraction))


def test_loading_again_with_other_settings_begins_at_nothing() -> None:
    again = advance(Loading(QWEN, 0.9), LoadStarted())
    assert advance(again, LoadProgressed(0.1)) == Loading(QWEN, 0.1)


def test_only_ready_is_ready() -> None:
    assert [name for name, state in STATES.items() if state.is_ready] == ["ready"]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("nothing chosen", "Starting…"),
        ("chosen", "Starting…"),
        ("downloading", "Downloading Qwen3.5 4B  43 %"),
        ("loading", "Loading Qwen3.5 4B…"),
        ("ready", "✓ Qwen3.5 4B ready"),
        ("failed", "✗ Failed: The file is damaged"),
        ("offline", "⚠ Offline"),
        ("download cancelled", "Cancelled"),
        ("load cancelled", "Cancelled"),
        ("too little memory", "⚠ Too little memory for a local model"),
        ("no engine", "⚠ llama.cpp is not installed"),
    ],
)
def test_status_messages(state: str, message: str) -> None:
    assert STATES[state].status_message == message


def test_names_and_reasons_are_made_plain() -> None:
    nasty = dataclasses.replace(QWEN, label="Evil\x1b]0;title\x07\r\nname\u202e")
    assert Loading(nasty).status_message == "Loading Evil name‹U+202E›…"
    assert Failed(None, "bad\x1b[2J\tthing.", True).status_message == "✗ Failed: bad thing"


def test_states_are_values() -> None:
    assert hash(STATES["downloading"]) == hash(dataclasses.replace(STATES["downloading"]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        STATES["ready"].device = "CPU"  # type: ignore[union-attr,misc]
