"""Which drafts the local model is given to read, and what it is given with them."""

import asyncio
from dataclasses import replace

import pytest

from shammah_tui.adapters.endpoint.engine import EndpointEngine
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason, Warming
from shammah_tui.core.routing.routing import Router
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from tests.adapters.endpoints import Endpoint
from tests.loopback.chat_completions import LoopbackCompletions
from tests.services.turns import (
    CRISIS,
    DOWNLOADING,
    LOCAL_DONE,
    READY,
    claude,
    local,
    turn,
)

DRAFT = "How do boats float, and"


def session_of(chat_turn: ChatTurn, *, is_private: bool = False) -> ChatSession:
    session = ChatSession(chat_turn, SqliteStore(None), make_private=lambda: SqliteStore(None))
    if is_private:
        assert session.conversation.begin_private()
    return session


async def ask(session: ChatSession, text: str) -> None:
    async for _ in session.ask(text):
        pass


async def test_it_is_read_behind_all_that_the_question_will_have_before_it() -> None:
    here = local()
    options = ReplyOptions(enable_thinking=True)
    side = turn(claude(), here, local_options=options, system_prompt=lambda: "Be brief.")
    session = session_of(side)
    await session.read_draft(DRAFT)
    await ask(session, "hi")
    await session.read_draft(DRAFT)
    assert [message.text for message in here.warmed[0]] == ["Be brief.", DRAFT]
    assert here.warmed[1][-1] == Message(Role.USER, DRAFT)
    await ask(session, f"{DRAFT} why?")
    assert here.asked[-1][:-1] == here.warmed[1][:-1]
    assert here.asked[-1][-1].text == f"{DRAFT} why?"
    # Nothing was said, and nothing is kept: it is no question yet.
    assert len(session.conversation.history) == 4


async def test_a_pin_is_no_part_of_it() -> None:
    here = local()
    await session_of(turn(claude(), here)).read_draft(f"@local {DRAFT}")
    assert here.warmed == [(Message(Role.USER, DRAFT),)]


@pytest.mark.parametrize(
    "draft",
    [
        "",
        "@local ",
        f"@claude {DRAFT}",
        f"{DRAFT}. {CRISIS}",
        # Too much for a small model, by the router's score.
        f"{DRAFT} " * 60,
        # Too long for its context.
        f"@local {DRAFT} " * 2000,
        "deadbeef" * 40,
    ],
    ids=["nothing", "a pin", "Claude's", "a crisis", "big", "too long", "data"],
)
async def test_what_would_not_be_asked_here_is_not_read(draft: str) -> None:
    here, there = local(), claude()
    session = session_of(turn(there, here))
    await session.read_draft(draft)
    assert here.warmed == []
    assert there.asked == there.warmed == []
    await session.read_draft(DRAFT)
    assert len(here.warmed) == 1


@pytest.mark.parametrize(("draft", "is_read"), [(f"{CRISIS} today", True), ("@claude hi", False)])
async def test_of_a_private_conversation_all_is_read_that_is_asked(
    draft: str, is_read: bool
) -> None:
    here, there = local(), claude()
    await session_of(turn(there, here), is_private=True).read_draft(draft)
    assert here.warmed == ([(Message(Role.USER, draft),)] if is_read else [])
    assert there.asked == there.warmed == []


async def test_nobody_else_reads_it_while_no_model_is_ready() -> None:
    there = claude()
    session = session_of(turn(there, None, DOWNLOADING))
    await session.read_draft(DRAFT)
    await session.read_draft(f"@local {DRAFT}")
    assert there.asked == there.warmed == []


async def test_a_cut_reply_is_let_alone() -> None:
    here = local("So", replace(LOCAL_DONE, stop_reason=StopReason.LENGTH))
    session = session_of(turn(claude(), here))
    await ask(session, "hi")
    assert session.conversation.can_go_on
    await session.read_draft(DRAFT)
    assert here.warmed == []


async def test_to_cancel_it_ends_it() -> None:
    here = local()
    here.warming = (Warming(0, 40), asyncio.Event())
    reading = asyncio.create_task(session_of(turn(claude(), here)).read_draft(DRAFT))
    await here.waiting.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert here.warmings_ended == 1


async def test_a_server_elsewhere_does_not_hear_of_it() -> None:
    with LoopbackCompletions() as server:
        endpoint = Endpoint(server.url)
        endpoint.loaded()
        looked_up = len(server.requests)
        session = session_of(_asking(endpoint.engine))
        await session.read_draft(DRAFT)
        assert len(server.requests) == looked_up
        # Asked, it hears of it.
        await ask(session, DRAFT)
        assert len(server.requests) > looked_up


def _asking(engine: EndpointEngine) -> ChatTurn:
    side = LocalBackend(engine, "Qwen3.5 9B at gpu-box", 4096)
    return ChatTurn(Router(), claude, lambda: side, lambda: READY)
