"""A reply's label, for everything that can have happened."""

import pytest

from shammah_tui.core.conversation.export_format import left_out_of_old
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.errors import BackendProblem
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
    NotLoaded,
    Offline,
    Ready,
    SeveralThere,
    TooLittleMemory,
)
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import Progressed
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local
from shammah_tui.core.wording.labels import (
    ReplyOrigin,
    claude_name,
    format_pace,
    reply_label,
)

QWEN = ModelSpec("q", "Qwen3.5 4B", repo="a/b")
READY = Ready(QWEN, "CPU", 0)
DOWNLOADING = Downloading(QWEN, Progressed(45, 100))


@pytest.mark.parametrize(
    ("generator", "label"),
    [
        (Initializing(), "Claude · model not ready yet"),
        (Initializing(QWEN), "Claude · model not ready yet"),
        (DOWNLOADING, "Claude · model still downloading (45 %)"),
        (Downloading(QWEN), "Claude · model still downloading"),
        (Loading(QWEN, 0.5), "Claude · model loading"),
        (READY, "Claude · model not ready yet"),
    ],
)
def test_while_the_model_is_on_its_way(generator: GeneratorState, label: str) -> None:
    decision = Forward(ForwardReason.ModelNotReady)
    assert reply_label(ReplyOrigin(Side.CLAUDE, decision, generator)) == label


@pytest.mark.parametrize(
    ("generator", "label"),
    [
        (Failed(QWEN, "damaged", True), "Claude · local model failed"),
        (NotAvailable(Offline()), "Claude · no local model"),
        (NotAvailable(DownloadCancelled(QWEN, 1, 2)), "Claude · download cancelled"),
        (NotAvailable(LoadCancelled(QWEN)), "Claude · loading cancelled"),
        (NotAvailable(TooLittleMemory(2, 1)), "Claude · no local model"),
        (NotAvailable(NoEngine()), "Claude · no local model"),
        (NotAvailable(NotAgreed(QWEN)), "Claude · no local model"),
        (NotAvailable(SeveralThere("a/b", 3)), "Claude · no model chosen"),
        (NotAvailable(NotLoaded()), "Claude · no model loaded; --local uses yours"),
    ],
)
def test_without_a_local_model(generator: GeneratorState, label: str) -> None:
    decision = Forward(ForwardReason.NoLocalModel)
    assert reply_label(ReplyOrigin(Side.CLAUDE, decision, generator)) == label


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        (ForwardReason.Crisis, "Claude"),
        (ForwardReason.UserPinned, "Claude · you asked"),
        (ForwardReason.ContextTooLong, "Claude · conversation too long for the local model"),
        (ForwardReason.LowConfidence, "Claude · long question"),
        (ForwardReason.NoMatch, "Claude · no words in the question"),
    ],
)
def test_why_claude_though_the_model_is_ready(reason: ForwardReason, label: str) -> None:
    assert reply_label(ReplyOrigin(Side.CLAUDE, Forward(reason), READY)) == label


@pytest.mark.parametrize(
    ("usage", "pinned", "label"),
    [
        (None, False, "Local · Qwen3.5 4B"),
        (Usage(), False, "Local · Qwen3.5 4B"),
        (Usage(tokens_per_s=31.2), False, "Local · Qwen3.5 4B · 31 tok/s"),
        (Usage(tokens_per_s=4.23), False, "Local · Qwen3.5 4B · 4.2 tok/s"),
        (Usage(tokens_per_s=31.2), True, "Local · you asked · Qwen3.5 4B · 31 tok/s"),
        (Usage(reread_tokens=1229), False, "Local · Qwen3.5 4B · read 1.2k tokens again"),
        (
            Usage(tokens_per_s=31.2, reread_tokens=100),
            False,
            "Local · Qwen3.5 4B · 31 tok/s · read 100 tokens again",
        ),
        (Usage(reread_tokens=99), False, "Local · Qwen3.5 4B"),
    ],
)
def test_local(usage: Usage | None, pinned: bool, label: str) -> None:
    origin = ReplyOrigin(Side.LOCAL, Local(0.9, pinned), READY, "Qwen3.5 4B", usage=usage)
    assert reply_label(origin) == label


def test_claudes_pace_is_not_shown() -> None:
    decision = Forward(ForwardReason.Crisis, crisis=True)
    origin = ReplyOrigin(Side.CLAUDE, decision, READY, usage=Usage(tokens_per_s=80.0))
    assert reply_label(origin) == "Claude"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("", "Claude"),
        ("claude-sonnet-5-5", "Claude Sonnet 5.5"),
        ("claude-opus-4-1-20250805", "Claude Opus 4.1"),
        ("claude-sonnet-4-20250514", "Claude Sonnet 4"),
        ("claude-3-5-haiku-20241022", "Claude 3.5 Haiku"),
        ("claude-3-opus-latest", "Claude 3 Opus"),
        ("claude-3-7-sonnet@20250219", "Claude 3.7 Sonnet"),
        ("claude-2.1", "Claude 2.1"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5"),
        ("anthropic/claude-opus-4.1", "Claude Opus 4.1"),
        ("claude-x", "Claude X"),
        ("my-gateway/large\x1b[31m", "Claude (my-gateway/large)"),
    ],
)
def test_a_label_names_claudes_model(model: str, name: str) -> None:
    origin = ReplyOrigin(Side.CLAUDE, Forward(ForwardReason.LowConfidence), READY, model)
    assert claude_name(model) == name
    assert reply_label(origin) == f"{name} · long question"


@pytest.mark.parametrize(
    ("problem", "label"),
    [
        (BackendProblem.NO_KEY, "Local · no Claude key"),
        (BackendProblem.BAD_KEY, "Local · Claude refused the key"),
        (BackendProblem.UNREACHABLE, "Local · Claude unreachable"),
        (BackendProblem.OVERLOADED, "Local · Claude overloaded"),
        (BackendProblem.RATE_LIMITED, "Local · Claude's rate limit reached"),
        (BackendProblem.SERVER_ERROR, "Local · Claude had an error"),
        (BackendProblem.REFUSED, "Local · Claude refused the request"),
        (BackendProblem.CONTEXT_TOO_LONG, "Local · conversation too long for Claude"),
        (BackendProblem.NOT_READY, "Local · Claude not available"),
        (BackendProblem.ENGINE_GONE, "Local · Claude not available"),
    ],
)
def test_local_takes_over(problem: BackendProblem, label: str) -> None:
    decision = Forward(ForwardReason.Crisis, crisis=True)
    origin = ReplyOrigin(
        Side.LOCAL, decision, READY, "Qwen3.5 4B", problem, Usage(tokens_per_s=31.0)
    )
    assert reply_label(origin) == label


@pytest.mark.parametrize("problem", list(BackendProblem))
def test_claude_takes_over(problem: BackendProblem) -> None:
    said = {
        BackendProblem.ENGINE_GONE: "local engine stopped",
        BackendProblem.CONTEXT_TOO_LONG: "conversation too long for the local model",
        BackendProblem.NOT_READY: "model still downloading (45 %)",
        BackendProblem.UNREACHABLE: "local engine unreachable",
    }.get(problem, "local engine failed")
    origin = ReplyOrigin(Side.CLAUDE, Local(0.9), DOWNLOADING, other_problem=problem)
    assert reply_label(origin) == f"Claude · {said}"


def test_a_models_name_is_made_plain() -> None:
    origin = ReplyOrigin(Side.LOCAL, Local(0.9), READY, "evil\x1b[31m\nname")
    assert reply_label(origin) == "Local · evil name"


@pytest.mark.parametrize(
    ("pace", "words"), [(0.44, "0.4 tok/s"), (9.94, "9.9 tok/s"), (9.96, "10 tok/s")]
)
def test_pace(pace: float, words: str) -> None:
    assert format_pace(pace) == words


@pytest.mark.parametrize("left_out", [0, 2, 1234])
def test_a_label_tells_how_many_messages_were_left_out(left_out: int) -> None:
    usage = Usage(tokens_per_s=31.2, reread_tokens=100)
    model = "without the first 8 messages of it"
    origin = ReplyOrigin(Side.LOCAL, Local(0.9), READY, model, usage=usage, left_out=left_out)
    label = reply_label(origin)
    assert left_out_of_old(label) == left_out
    assert left_out_of_old(f"{label} · interrupted · asking Claude") == left_out
