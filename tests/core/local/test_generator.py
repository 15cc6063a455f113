"""Every state with every message of a child, and the figures that a message may bring."""

import dataclasses
import typing

import pytest

from shammah_tui.core.local.generator import (
    ChildMessage,
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
    NotLoaded,
    Offline,
    Ready,
    SeveralThere,
    TooLittleMemory,
    UnavailableReason,
    advance,
    cancelled,
    weights_deleted,
)
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import (
    ContextFound,
    LoadProgressed,
    ModelLoaded,
    Notice,
)
from shammah_tui.core.protocol.fetch_messages import Checked, Progressed, Waiting

QWEN = ModelSpec(
    "qwen3.5-4b",
    "Qwen3.5 4B",
    repo="a/b",
    files=(WeightsFile("f.gguf", 2_700), WeightsFile("g", 40)),
)

MOVING = Progressed(1_200, 2_740, 18.0, 2, 3)
STATES: dict[str, GeneratorState] = {
    "nothing chosen": Initializing(),
    "chosen": Initializing(QWEN),
    "downloading": Downloading(QWEN, MOVING),
    "loading": Loading(QWEN, 0.4),
    "ready": Ready(QWEN, "CUDA", 33, 33, 8192),
    "failed": Failed(QWEN, "The file is damaged.", retryable=True),
    "failed early": Failed(None, "No catalogue.", retryable=False),
    "offline": NotAvailable(Offline()),
    "download cancelled": NotAvailable(DownloadCancelled(QWEN, 1_200, 2_740)),
    "load cancelled": NotAvailable(LoadCancelled(QWEN)),
    "start cancelled": NotAvailable(LoadCancelled(None)),
    "several there": NotAvailable(SeveralThere("a/b", 3)),
    "too little memory": NotAvailable(TooLittleMemory(2_000, 1_000)),
    "no engine": NotAvailable(NoEngine()),
    "not loaded": NotAvailable(NotLoaded()),
    "not agreed": NotAvailable(NotAgreed(QWEN)),
}
LATER = Progressed(1_300, 2_740, 20.0, 3, 3)
CHECKED = Checked(630, 1_000)
WAITING = Waiting("the network", 7.2, Progressed(1_100, 2_740, None, 2, 3))
MESSAGES: tuple[ChildMessage, ...] = (
    LATER,
    CHECKED,
    WAITING,
    LoadProgressed(0.5),
    ModelLoaded("Metal", 20, 33, 4096, "Qwen", (Notice("Old file", "get a new one"),)),
    ContextFound(4_096),
)
CHANGES: dict[tuple[str, str], GeneratorState] = {
    ("downloading", "Progressed"): Downloading(QWEN, LATER),
    ("downloading", "Checked"): Downloading(QWEN, MOVING, CHECKED),
    ("downloading", "Waiting"): Downloading(QWEN, WAITING.progress, WAITING),
    ("loading", "LoadProgressed"): Loading(QWEN, 0.5),
    ("loading", "ModelLoaded"): Ready(QWEN, "Metal", 20, 33, 4096, ("Old file: get a new one",)),
    ("ready", "ContextFound"): Ready(QWEN, "CUDA", 33, 33, 4_096),
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("state", STATES)
def test_every_state_with_every_message(state: str, message: ChildMessage) -> None:
    expected = CHANGES.get((state, type(message).__name__), STATES[state])
    assert advance(STATES[state], message) == expected


def test_the_tables_hold_every_state_reason_and_message_there_is() -> None:
    assert {type(state) for state in STATES.values()} == set(typing.get_args(GeneratorState))
    reasons = {type(s.reason) for s in STATES.values() if isinstance(s, NotAvailable)}
    assert reasons == set(typing.get_args(UnavailableReason))
    assert {type(message) for message in MESSAGES} == set(typing.get_args(ChildMessage))
    assert len(typing.get_args(GeneratorState)) == 6


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("nothing chosen", LoadCancelled(None)),
        ("chosen", LoadCancelled(QWEN)),
        ("downloading", DownloadCancelled(QWEN, 1_200, 2_740)),
        ("loading", LoadCancelled(QWEN)),
    ],
)
def test_what_is_cancelled(state: str, after: UnavailableReason) -> None:
    before = STATES[state]
    assert isinstance(before, Initializing | Downloading | Loading)
    assert cancelled(before) == NotAvailable(after)


@pytest.mark.parametrize(
    "state", [name for name, each in STATES.items() if isinstance(each, Failed | NotAvailable)]
)
def test_deleting_the_weights_leaves_nothing_kept(state: str) -> None:
    before = STATES[state]
    assert isinstance(before, Failed | NotAvailable)
    if state in ("download cancelled", "load cancelled"):
        assert weights_deleted(before) == NotAvailable(DownloadCancelled(QWEN, 0, 2_740))
    else:
        assert weights_deleted(before) == before


@pytest.mark.parametrize(
    "progress", [Progressed(0, 2_740), Progressed(1_199, 2_740), Progressed(5, 777)]
)
def test_a_download_may_go_back_and_change_its_total(progress: Progressed) -> None:
    assert advance(STATES["downloading"], progress) == Downloading(QWEN, progress)


def test_a_download_may_begin_without_a_known_total_and_learn_it() -> None:
    state = Downloading(QWEN)
    assert state.fraction is None
    assert state.after(Progressed(500, 0)).fraction is None
    assert state.after(Progressed(600, 1_200)).fraction == 0.5


def test_the_share_is_never_more_than_the_whole() -> None:
    assert Downloading(QWEN, Progressed(2_800, 2_740)).fraction == 1.0


def test_bytes_end_a_pause() -> None:
    waiting = advance(STATES["downloading"], WAITING)
    state = advance(waiting, Progressed(1_100, 2_740, 1.0))
    assert isinstance(state, Downloading)
    assert state.pause is None


def test_states_are_values() -> None:
    assert hash(STATES["downloading"]) == hash(dataclasses.replace(STATES["downloading"]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        STATES["ready"].device = "CPU"  # type: ignore[union-attr,misc]
