"""Pins, gates and scores, in their order."""

import itertools

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.pins import Side, split_pin
from shammah_tui.core.routing.context_window import estimate_tokens, leaves_room
from shammah_tui.core.routing.routing import (
    Forward,
    ForwardReason,
    LengthScorer,
    Local,
    RouteDecision,
    Router,
)

CRISIS = "I want to kill myself"
LONG = "Why is this so? " * 100
NOTHING = "???"


ORDER: list[tuple[str, dict[str, object], RouteDecision]] = [
    # Everything that is true from a line on down gives way to that line.
    ("@local " + CRISIS, {"ready": False, "tokens": 9000}, Local(1.0, pinned=True, crisis=True)),
    ("@local " + LONG, {"ready": False, "expected": False}, Local(1.0, pinned=True)),
    ("@claude " + CRISIS, {}, Forward(ForwardReason.UserPinned, crisis=True)),
    ("@claude hello", {}, Forward(ForwardReason.UserPinned)),
    (CRISIS, {"ready": False, "expected": False}, Forward(ForwardReason.Crisis, crisis=True)),
    (CRISIS, {"ready": False}, Forward(ForwardReason.Crisis, crisis=True)),
    (CRISIS, {}, Forward(ForwardReason.Crisis, crisis=True)),
    (NOTHING, {"ready": False, "expected": False}, Forward(ForwardReason.NoLocalModel)),
    (LONG, {"ready": False, "tokens": 9000}, Forward(ForwardReason.ModelNotReady)),
    ("hello", {"ready": False}, Forward(ForwardReason.ModelNotReady)),
    (NOTHING, {"tokens": 9000}, Forward(ForwardReason.ContextTooLong)),
    (LONG, {"tokens": 9000}, Forward(ForwardReason.ContextTooLong)),
    (NOTHING, {}, Forward(ForwardReason.NoMatch)),
    ("", {}, Forward(ForwardReason.NoMatch)),
    (LONG, {}, Forward(ForwardReason.LowConfidence)),
]


@pytest.mark.parametrize(("query", "facts", "decision"), ORDER)
def test_gates_before_guesses(
    query: str, facts: dict[str, object], decision: RouteDecision
) -> None:
    tokens = facts.get("tokens", 10)
    assert isinstance(tokens, int)
    pin, text = split_pin(query)
    got = Router().route_with_generator_check(
        text,
        bool(facts.get("ready", True)),
        pin=pin,
        is_expected=bool(facts.get("expected", True)),
        prompt_tokens=tokens,
        context_length=8192,
    )
    assert got == decision


def test_every_reason_is_reached() -> None:
    reached = {decision.reason for _, _, decision in ORDER if isinstance(decision, Forward)}
    assert reached == set(ForwardReason)


@pytest.mark.parametrize(
    "query",
    [
        "hello",
        "What is a lifetime in Rust?",
        "2+2",
        "👍",
        "你好，介绍一下你自己",
        "Explain this:\n\n```python\nprint('x')\n```",
    ],
)
def test_local_is_the_default_once_ready(query: str) -> None:
    decision = Router().route(query)
    assert isinstance(decision, Local)
    assert decision.confidence >= 0.5
    assert not decision.pinned
    assert not decision.crisis


def test_route_is_the_check_with_a_ready_generator() -> None:
    router = Router()
    queries = ("hi", LONG, NOTHING, CRISIS)
    for query, pin, tokens in itertools.product(queries, (None, *Side), (1, 9000)):
        assert router.route(
            query, pin=pin, prompt_tokens=tokens, context_length=4096
        ) == router.route_with_generator_check(
            query, True, pin=pin, prompt_tokens=tokens, context_length=4096
        )


class _Fixed:
    def __init__(self, confidence: float | None) -> None:
        self.confidence = confidence
        self.asked: list[str] = []

    def score(self, query: str) -> float | None:
        self.asked.append(query)
        return self.confidence


@pytest.mark.parametrize(
    ("confidence", "decision"),
    [
        (0.6, Local(0.6)),
        (0.59, Forward(ForwardReason.LowConfidence)),
        (0.0, Forward(ForwardReason.LowConfidence)),
        (None, Forward(ForwardReason.NoMatch)),
    ],
)
def test_another_scorer_and_threshold(confidence: float | None, decision: RouteDecision) -> None:
    scorer = _Fixed(confidence)
    assert Router(scorer, threshold=0.6).route("hello") == decision
    assert scorer.asked == ["hello"]


def test_the_scorer_is_not_asked_where_a_gate_decides() -> None:
    scorer = _Fixed(1.0)
    router = Router(scorer)
    for side in Side:
        router.route("x", pin=side)
    router.route(CRISIS)
    router.route_with_generator_check("hello", False)
    assert scorer.asked == []


def test_confidence_falls_with_length_and_lines() -> None:
    scorer = LengthScorer()
    queries = ["hi", "word " * 20, "word " * 100, "word\n" * 100, "word " * 1000]
    confidences = [scorer.score(query) for query in queries]
    assert None not in confidences
    assert confidences == sorted(confidences, key=lambda c: -(c or 0))
    assert scorer.score("a" + " b" * 499 + "c") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("query", "has_words"),
    [
        ("?!…", False),
        (" \n ", False),
        ("----", False),
        ("QUJD" * 100, False),
        ("0f" * 300 + " what is it", False),
        ("What is " + "ab" * 3, True),
        ("What does this say and who might have written it? " * 6 + "QUJD" * 51, True),
        ("模" * 300, True),
        ("🙂", True),
    ],
)
def test_where_there_is_nothing_to_go_by(query: str, has_words: bool) -> None:
    assert (LengthScorer().score(query) is not None) is has_words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 5), ("abc", 6), ("abcd", 7), ("模型", 7), ("模型abc", 8), ("한글", 7), ("привет", 7)],
)
def test_estimated_tokens(text: str, tokens: int) -> None:
    assert estimate_tokens((Message(Role.USER, text),)) == tokens


def test_the_whole_conversation_is_counted() -> None:
    message = Message(Role.USER, "x" * 300)
    assert estimate_tokens((message,) * 4) == 4 * 105


@pytest.mark.parametrize(
    ("prompt", "context", "room"),
    [
        (3584, 4096, True),
        (3585, 4096, False),
        (7680, 8192, True),
        (7681, 8192, False),
        (7, 8, True),
    ],
)
def test_room_for_a_reply(prompt: int, context: int, room: bool) -> None:
    assert leaves_room(prompt, context) is room
