"""The draft is read while it is written: when, how often, and without a word about it."""

import asyncio
import time
from collections.abc import Callable

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from shammah_tui.core.conversation.reply import Warming
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import StartPhase
from shammah_tui.ui.composer.composer import Composer
from tests.fakes import ScriptedEngine
from tests.services.fakes import FakeBackend
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.chat.test_chat_screen import replies
from tests.ui.chat.test_warming import ask
from tests.ui.composer.test_composer import composer
from tests.ui.local_model import be_ready, load, loaded
from tests.ui.panels.test_model_keys import header

DRAFT = "How do boats float, and why is it that stones of the same weight do not"
SENTENCE = "How do the boats here float?"


def read(engine: ScriptedEngine) -> list[str]:
    """Return the drafts that were given to the model."""
    talks = [talk for talk in engine.warmed if talk[-1].role == "user"]
    return [talk[-1].text for talk in talks]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was seen each time that the draft was looked at."""
    seen: list[str] = []
    question = Composer.__dict__["question"]

    def look(composer: Composer) -> str:
        seen.append(question.fget(composer))
        return seen[-1]

    monkeypatch.setattr(Composer, "question", property(look))
    return seen


async def rested(pilot: Pilot[None], app: ShammahApp, text: str, looks: list[str]) -> None:
    """Write ``text`` and wait until that has been looked at."""
    before = len(looks)
    composer(app).load_text(text)
    await wait_until(pilot, lambda: len(looks) > before)


async def test_typed_quickly_it_is_read_once_and_the_header_says_nothing() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await be_ready(stage, pilot, app)
        gate = asyncio.Event()
        engine.warming = (Warming(0, 1229), gate, Warming(1229, 1229))
        before = header(app)
        # All at once: what else the machine does makes no pause between them.
        for letter in DRAFT:
            app.post_message(Key(letter, letter))
        await wait_until(pilot, lambda: bool(engine.warmed))
        assert read(engine) == [DRAFT]
        await pilot.pause()
        assert header(app) == before
        gate.set()
        await wait_until(pilot, lambda: engine.warmings_ended == 1)
        await pilot.pause()
        assert header(app) == before


async def test_it_is_read_again_when_it_has_grown_by_a_line_or_a_sentence_is_over(
    looks: list[str],
) -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        for text in (
            "How do boats",
            DRAFT,
            f"{DRAFT} sink",
            # Taken back, and differently.
            DRAFT[:-3],
            DRAFT,
            f"{DRAFT} do so, at least for a time.",
            f"{DRAFT} do so, at least for a time. Yes.",
            f"Tell me: {DRAFT}",
        ):
            await rested(pilot, app, text, looks)
        await wait_until(pilot, lambda: len(engine.warmed) == 3)
        assert read(engine) == [
            DRAFT,
            f"{DRAFT} do so, at least for a time.",
            f"Tell me: {DRAFT}",
        ]


async def test_a_paste_is_read_whole_and_what_came_meanwhile_after_it(looks: list[str]) -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    pasted = "\n".join(f"line {number}" for number in range(12))
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        gate = asyncio.Event()
        engine.warming = (gate,)
        app.post_message(Paste(pasted))
        await wait_until(pilot, lambda: read(engine) == [pasted])
        composer(app).insert(f"\n{SENTENCE}")
        await wait_until(pilot, lambda: looks[-1].endswith(SENTENCE))
        # What is being read is not begun anew for what comes after it.
        assert engine.warmings_ended == 0
        gate.set()
        await wait_until(pilot, lambda: read(engine) == [pasted, f"{pasted}\n{SENTENCE}"])


async def test_what_was_given_up_is_not_read_to_its_end() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        engine.warming = (asyncio.Event(),)
        composer(app).load_text(DRAFT)
        await wait_until(pilot, lambda: read(engine) == [DRAFT])
        composer(app).load_text("No")
        await wait_until(pilot, lambda: engine.warmings_ended == 1)
        assert read(engine) == [DRAFT]


async def test_a_question_ends_it_and_the_next_draft_is_read_after_the_reply() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        engine.warming = (asyncio.Event(),)
        composer(app).load_text(DRAFT)
        await wait_until(pilot, lambda: read(engine) == [DRAFT])
        engine.warming = ()
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        assert engine.warmings_ended >= 1
        await wait_until(pilot, lambda: len(engine.warmed) == 2)
        # The same words again: they are another question's now.
        composer(app).load_text(DRAFT)
        await wait_until(pilot, lambda: len(engine.warmed) == 3)
        assert [message.text for message in engine.warmed[2]] == [
            DRAFT,
            "From this machine. ",
            DRAFT,
        ]


async def test_what_is_written_while_somebody_replies_is_read_when_that_is_over(
    looks: list[str],
) -> None:
    gate = asyncio.Event()
    backend = FakeBackend("So ", gate, *claude().steps)
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        composer(app).load_text("@claude hi")
        await pilot.press("enter")
        await wait_until(pilot, backend.waiting.is_set)
        await rested(pilot, app, DRAFT, looks)
        assert engine.warmed == []
        gate.set()
        await wait_until(pilot, lambda: read(engine) == [DRAFT])
        # The conversation first.
        assert len(engine.warmed) == 2


async def test_what_was_written_before_the_model_was_ready_is_read_then(looks: list[str]) -> None:
    backend = claude()
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await load(stage, pilot)
        await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
        await rested(pilot, app, DRAFT, looks)
        assert engine.warmed == []
        await loaded(pilot, app, engine)
        await wait_until(pilot, lambda: read(engine) == [DRAFT])
        assert backend.asked == []


@pytest.mark.parametrize(
    "text",
    [f"/local {DRAFT}", f"/claude {DRAFT}", f"@claude {DRAFT}", f"/lcoal {DRAFT}"],
)
async def test_no_command_is_read_and_nothing_that_is_for_claude(
    text: str, looks: list[str]
) -> None:
    backend = claude()
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        await rested(pilot, app, text, looks)
        await rested(pilot, app, SENTENCE, looks)
        await wait_until(pilot, lambda: bool(engine.warmed))
        assert read(engine) == [SENTENCE]
        assert backend.asked == []


async def test_a_draft_goes_with_one_to_a_new_conversation_and_is_read_there() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await be_ready(stage, pilot, app)
        await ask(app, pilot, "first")
        await wait_until(pilot, lambda: len(engine.warmed) == 1)
        composer(app).load_text(DRAFT)
        await wait_until(pilot, lambda: len(engine.warmed) == 2)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: len(engine.warmed) == 3)
        assert [message.text for message in engine.warmed[-1]] == [DRAFT]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", ""),
        ("  \n ", ""),
        (f"\n {SENTENCE}\n", f" {SENTENCE}"),
        ("/", ""),
        ("/model qwen", ""),
        ("/mdoel qwen", ""),
        ("//model qwen", "/model qwen"),
        ("/usr/bin/env is where?", "/usr/bin/env is where?"),
    ],
)
async def test_what_would_be_asked(text: str, question: str) -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        composer(app).load_text(text)
        assert composer(app).question == question


async def test_an_edit_of_an_earlier_question_is_no_draft() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        composer(app).load_text(SENTENCE)
        composer(app).begin_edit(1, DRAFT)
        assert composer(app).question == ""
        composer(app).action_give_up_edit()
        assert composer(app).question == SENTENCE


async def test_a_key_costs_next_to_nothing_for_it() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        screen = app.screen_stack[0]
        await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
        look_soon: Callable[[], None] = screen._reading.look_soon  # type: ignore[attr-defined]
        began_s = time.process_time()
        for _ in range(200):
            look_soon()
        # 0.1 ms each here; a key has 50 ms to be on screen.
        assert (time.process_time() - began_s) / 200 < 0.002
