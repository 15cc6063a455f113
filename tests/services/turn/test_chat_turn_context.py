from dataclasses import replace

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import Initializing
from shammah_tui.core.routing.context_window import estimate_tokens, shorten
from shammah_tui.core.routing.routing import Router
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished, Relabelled, Routed, Unanswered
from tests.services.fakes import FakeBackend
from tests.services.turns import (
    LOCAL_DONE,
    NO_KEY,
    TOO_LONG,
    UNREACHABLE,
    claude,
    events_of,
    local,
    turn,
)

LONG = tuple(
    message
    for n in range(40)
    for message in (
        Message(Role.USER, f"{n} " + "word " * 60),
        Message(Role.ASSISTANT, "yes " * 60),
    )
)


class Narrow(FakeBackend):
    """Refuses conversations of more than ``most`` messages, as the engine does by its own count."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def reply(self, conversation, options):  # type: ignore[no-untyped-def]
        fits = len(conversation) <= self.most
        self.steps = ("ok", LOCAL_DONE) if fits else (TOO_LONG,)
        return super().reply(conversation, options)


async def test_a_long_conversation_goes_to_claude_whole() -> None:
    asked, here = claude(), local()
    events = await events_of(turn(asked, here), "and now?", LONG)
    assert isinstance(events[0], Routed)
    assert events[0].label == "Claude · conversation too long for the local model"
    assert len(asked.asked[0]) == len(LONG) + 1
    assert here.asked == []


async def test_without_claude_the_oldest_turns_are_left_out_and_the_label_says_so() -> None:
    here = local()
    events = await events_of(turn(NO_KEY, here), "and now?", LONG)
    shown = here.asked[0]
    left_out = len(LONG) + 1 - len(shown)
    assert left_out > 0
    assert shown[-1] == Message(Role.USER, "and now?")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.label.endswith(f" · without the first {left_out} messages")


async def test_a_pin_to_this_machine_is_kept_by_leaving_out() -> None:
    asked, here = claude(), local()
    events = await events_of(turn(asked, here), "@local and now?", LONG)
    assert isinstance(events[-1], Finished)
    assert asked.asked == []
    assert len(here.asked[0]) < len(LONG)


async def test_where_the_estimate_was_too_low_it_is_shortened_again() -> None:
    here = Narrow(most=11)
    conversation = LONG[-16:]
    events = await events_of(turn(UNREACHABLE, here), "and now?", conversation)
    labels = [event.label for event in events if isinstance(event, Routed | Relabelled)]
    assert labels[0] == "Local · Qwen3.5 4B"
    assert isinstance(events[-1], Finished)
    assert len(here.asked[-1]) <= 11


async def test_it_is_given_up_at_a_quarter() -> None:
    here = Narrow(most=0)
    events = await events_of(turn(NO_KEY, here), "and now?", LONG[-16:])
    assert isinstance(events[-1], Unanswered)
    lengths = [len(each) for each in here.asked]
    # Never the same twice.
    assert lengths == sorted(set(lengths), reverse=True)


class Strict(FakeBackend):
    """Refuses what takes more than ``limit`` tokens, names the limit, and counts its own way."""

    def __init__(self, limit: int, factor: float, counts: bool) -> None:
        super().__init__()
        self.limit, self.factor, self.counts = limit, factor, counts

    def reply(self, conversation, options):  # type: ignore[no-untyped-def]
        tokens = int(estimate_tokens(conversation) * self.factor)
        refusal = BackendError(
            BackendProblem.CONTEXT_TOO_LONG,
            "too long",
            context_length=self.limit,
            prompt_tokens=tokens if self.counts else None,
        )
        self.raised = refusal
        self.steps = ("ok", LOCAL_DONE) if tokens <= self.limit else (refusal,)
        return super().reply(conversation, options)


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.5])
async def test_a_refusal_that_names_its_limit_is_obeyed_with_one_more_request(
    factor: float,
) -> None:
    here = Strict(limit=1_000, factor=factor, counts=True)
    asking = ChatTurn(
        Router(), lambda: NO_KEY, lambda: LocalBackend(here, "m", 32_768), lambda: Initializing()
    )
    events = await events_of(asking, "@local and now?", LONG)
    assert isinstance(events[-1], Finished)
    assert len(here.asked) == 2
    left_out = len(LONG) + 1 - len(here.asked[1])
    assert events[-1].label.endswith(f"without the first {left_out} messages")


async def test_what_cannot_be_shortened_is_not_sent_again() -> None:
    here = Strict(limit=10, factor=1.0, counts=False)
    asking = ChatTurn(
        Router(), lambda: NO_KEY, lambda: LocalBackend(here, "m", 32_768), lambda: Initializing()
    )
    events = await events_of(asking, "@local " + "word " * 60, ())
    assert len(here.asked) == 1
    assert isinstance(events[-1], Unanswered)
    assert "the question is too long for the local model" in events[-1].sentence
    assert "Shorten it" in events[-1].sentence


async def test_a_server_that_saw_less_than_it_was_sent_is_said_to() -> None:
    done = replace(LOCAL_DONE, context_length=1_000)
    here = FakeBackend("ok", done)
    asking = ChatTurn(
        Router(), lambda: NO_KEY, lambda: LocalBackend(here, "m", 32_768), lambda: Initializing()
    )
    events = await events_of(asking, "@local and now?", LONG)
    finished = events[-1]
    assert isinstance(finished, Finished)
    unseen = shorten((*LONG, Message(Role.USER, "and now?")), 1_000)[1]
    assert finished.label.endswith(f"without the first {unseen} messages")
    assert finished.context_use is None or finished.context_use.length == 1_000
