import json

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.errors import WireError
from shammah_tui.core.model.model_spec import DevicePreference, WeightsFile
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    ENGINE_COMMANDS,
    ENGINE_EVENTS,
    LoadModel,
    ModelLoaded,
    ReplyFinished,
    RequestReply,
    StopReply,
)
from shammah_tui.core.protocol.fetch_messages import (
    FETCH_EVENTS,
    FetchFailed,
    FetchJob,
    FetchProblem,
    Progressed,
    Resolved,
)
from shammah_tui.core.protocol.wire import decode, encode

EVERY_KIND = (*FETCH_EVENTS, *ENGINE_EVENTS, *ENGINE_COMMANDS, FetchJob, LoadModel)

MESSAGES = (
    FetchJob("https://hub", "a/b", None, (WeightsFile("x.gguf", 3, "ff"),), None, "/c", None),
    Resolved((WeightsFile("a", 1), WeightsFile("b", None, "00"))),
    Progressed(1, 2, None, 1, 1),
    Progressed(1, 2, 3.5, 1, 2),
    FetchFailed(FetchProblem.GATED, "Accept the licence: “yes”\n", False),
    LoadModel("/m.gguf", 4096, DevicePreference.GPU, 3),
    RequestReply(1, (Message(Role.USER, "grüß\n\u2028 \x1b 🙂"),), None, Sampling(seed=3), True),
    StopReply(7),
    ReplyFinished(1, StopReason.LENGTH, 10, 0, 5, None, 0.25),
    ModelLoaded("CPU", 0, 25, 4096, ""),
)


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_encoded_is_decoded(message: object) -> None:
    line = encode(message)
    assert "\n" not in line
    assert decode(line, EVERY_KIND) == message


def test_a_whole_number_may_stand_for_a_float() -> None:
    line = json.dumps({**json.loads(encode(MESSAGES[3])), "rate_bytes_per_s": 3})
    assert decode(line, EVERY_KIND).rate_bytes_per_s == 3.0


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type":"Nothing"}',
        '{"id":1}',
        '{"type":"StopReply"}',
        '{"type":"StopReply","id":"1"}',
        '{"type":"StopReply","id":true}',
        '{"type":"StopReply","id":1.5}',
        '{"type":"StopReply","id":1,"more":2}',
        '{"type":"StopReply","id":null}',
        '{"type":"LoadProgressed","fraction":"half"}',
        '{"type":"Resolved","commit":"c","files":[{"name":1}]}',
        '{"type":"Resolved","commit":"c","files":"none"}',
        '{"type":"FetchFailed","problem":"fog","sentence":"","retryable":true,"done_bytes":0}',
    ],
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(WireError):
        decode(line, EVERY_KIND)


def test_only_the_kinds_expected_are_taken() -> None:
    with pytest.raises(WireError):
        decode(encode(StopReply(1)), FETCH_EVENTS)
