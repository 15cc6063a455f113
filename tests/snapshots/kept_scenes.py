"""States of the screen that need conversations which were kept, with times that stand still."""

import asyncio
from dataclasses import replace

from textual.widgets import Input

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.reply import StopReason, ThinkingDelta, Usage
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.export import ExportPanel
from shammah_tui.ui.panels.key_panel import KeyPanel
from shammah_tui.ui.panels.ledger import LedgerPanel
from shammah_tui.ui.panels.lora_panel import LoraPanel
from shammah_tui.ui.panels.rename import Rename
from shammah_tui.ui.panels.save_code import SaveCode
from tests.services.fakes import FakeBackend
from tests.snapshots.scene import LONG_CODE, REPLY, Scene
from tests.ui.apps import wait_until

NOON_MS = 1_793_966_400_000
"""2026-11-06 12:00 UTC."""
DAY_MS = 86_400_000

CLAUDE = Receipt(
    Side.CLAUDE,
    "Claude · the local model is not ready",
    "ModelNotReady",
    "claude-sonnet-5-5",
    usage=Usage(412, 318, 71.4, 0.82),
    cost_microusd=6_006,
    stop_reason=StopReason.END_TURN,
)
LOCAL = Receipt(
    Side.LOCAL,
    "Local · Qwen3.5 9B",
    "Default",
    "Qwen3.5 9B",
    "Q4_K_M",
    Usage(95, 61, 24.8, 0.31),
    stop_reason=StopReason.END_TURN,
)


def record(
    number: int, title: str, turns: list[tuple[str, str, Receipt]], *, pinned: bool = False
) -> ConversationRecord:
    """Return a conversation of ``number`` days before noon."""
    at_ms = NOON_MS - number * DAY_MS
    base = at_ms << 20
    messages: list[StoredMessage] = []
    for question, reply, receipt in turns:
        parent = messages[-1].id if messages else None
        asked, given = base + len(messages) + 1, base + len(messages) + 2
        messages.append(StoredMessage(asked, parent, Role.USER, question, at_ms))
        messages.append(StoredMessage(given, asked, Role.ASSISTANT, reply, at_ms, receipt))
    leaf = messages[-1].id
    source = TitleSource.USER if pinned else TitleSource.WORDS
    return ConversationRecord(
        base, title, source, pinned, at_ms, at_ms, leaf, None, "", tuple(messages)
    )


RECORDS = (
    record(
        0,
        "How do I use Rust lifetimes?",
        [
            ("How do I use Rust lifetimes?", REPLY, CLAUDE),
            ("And what is ownership?", "Each value has **one owner**, and moves with it.", LOCAL),
        ],
    ),
    record(1, "Dinner for six", [("Dinner for six?", "A risotto of leeks.", LOCAL)], pinned=True),
    record(
        2,
        "这是一个关于语言模型的问题，请用简短的话回答它",
        [("这是一个关于语言模型的问题，请用简短的话回答它", "好的。", CLAUDE)],
    ),
    record(
        3,
        "Which of the borrowing rules would be broken by keeping a reference to a vector's item",
        [
            (
                "Which of the borrowing rules would be broken by keeping a reference to it?",
                "While a **reference** to an item lives, the vector cannot be pushed to.",
                LOCAL,
            )
        ],
    ),
    record(40, "Names for a boat", [("Names for a boat", "Fulmar, Tern, Petrel.", LOCAL)]),
)

SHORTENED = replace(
    LOCAL, label="Local · Qwen3.5 9B · 25 tok/s · without the first 4 messages", left_out=4
)
BOATS = [
    ("What floats?", "What weighs less than the water that it pushes aside.", LOCAL),
    ("Names for a boat?", "Fulmar, Tern, Petrel.", LOCAL),
    ("Which is the smallest of them?", "The petrel, by far.", LOCAL),
    ("And the rarest?", "Of the three, the tern in winter.", SHORTENED),
]


async def keep(scene: Scene) -> None:
    """Have the conversations in the app's store, and the download at 45 percent."""
    await scene.download()
    await scene.app.services.session.store.import_records(RECORDS)


async def open_first(scene: Scene) -> None:
    """Go on with the newest one."""
    await keep(scene)
    await scene.app.screen.open_conversation(RECORDS[0].id)  # type: ignore[attr-defined]
    await scene.shows("Dinner for six", is_there=False)
    await scene.shows("one owner")


async def conversations(scene: Scene) -> None:
    await open_first(scene)
    await scene.press("f3", Conversations)
    await scene.shows("Names for a boat")


async def search_hits(scene: Scene) -> None:
    await conversations(scene)
    scene.app.screen.query_one(Input).value = "reference"
    await scene.shows("vector")
    await scene.shows("Names for a boat", is_there=False)


async def search_nothing(scene: Scene) -> None:
    await conversations(scene)
    scene.app.screen.query_one(Input).value = "submarine"
    await scene.shows("Nothing was found")


async def no_conversations(scene: Scene) -> None:
    await scene.download()
    await scene.press("f3", Conversations)


async def rename(scene: Scene) -> None:
    await conversations(scene)
    await scene.press("f4", Rename)


async def receipt(scene: Scene) -> None:
    await focused(scene)
    await scene.pilot.press("up", "up", "i")
    await scene.shows("Cost")


async def focused(scene: Scene) -> None:
    await open_first(scene)
    await scene.pilot.press("ctrl+up")
    await scene.shows("Copy")


async def save_code(scene: Scene) -> None:
    await focused(scene)
    await scene.pilot.press("up", "up")
    await scene.press("s", SaveCode)


async def editing(scene: Scene) -> None:
    await focused(scene)
    await scene.pilot.press("up", "e")
    await scene.shows("Editing an earlier question")


async def ledger(scene: Scene) -> None:
    await keep(scene)
    scene.app.screen.query_one(Composer).text = "/usage"
    await scene.press("enter", LedgerPanel)
    await scene.shows("2026")


async def export(scene: Scene) -> None:
    await open_first(scene)
    scene.app.screen.query_one(Composer).text = "/export rust.md"
    await scene.press("enter", ExportPanel)


async def private(scene: Scene) -> None:
    await scene.download()
    await scene.load()
    await scene.ready()
    scene.app.screen.query_one(Composer).text = "/private"
    await scene.pilot.pause()
    await scene.pilot.press("enter")
    await scene.shows("conversation is private")
    await scene.ask("What is ownership?")


async def claude_key(scene: Scene) -> None:
    """The panel for a key, with one that has a slip in it."""
    await scene.download()
    scene.app.screen.query_one(Composer).text = "/key"
    await scene.pilot.pause()
    await scene.press("enter", KeyPanel)
    scene.app.screen.query_one(Input).value = "sk-ant-with a blank"
    await scene.pilot.press("enter")
    await scene.shows("has a blank in it")


async def left_out(scene: Scene) -> None:
    """A conversation that has outgrown the local model's context."""
    long = record(0, "Boats", BOATS)
    await scene.download()
    await scene.app.services.session.store.import_records((long,))
    await scene.app.screen.open_conversation(long.id)  # type: ignore[attr-defined]
    await scene.shows("no longer sees")


async def adapters(scene: Scene) -> None:
    await scene.download()
    await scene.load()
    await scene.ready()
    await scene.pilot.press("f2")
    await scene.shows("Recommended")
    await scene.press("l", LoraPanel)


async def streaming(scene: Scene) -> None:
    await scene.download()
    await begin(scene, REPLY.split("- `'a`")[0].split("    if")[0], asyncio.Event())
    await scene.shows("longest")


async def thinking(scene: Scene) -> None:
    await scene.download()
    thought = ThinkingDelta("The user asks for lifetimes. A short example says most.")
    await begin(scene, thought, asyncio.Event())
    await scene.pilot.press("f6")
    await scene.shows("A short example")


async def error(scene: Scene) -> None:
    await scene.download()
    gone = BackendError(BackendProblem.UNREACHABLE, "Claude broke off: the connection was lost")
    await begin(scene, "A lifetime says **how long a reference", gone)
    await scene.shows("connection was lost")


async def long_lines(scene: Scene) -> None:
    await scene.download()
    await begin(scene, LONG_CODE)
    await scene.shows("a rather long")
    await scene.pilot.press("ctrl+up", "tab", "right", "right", "right")
    await scene.pilot.pause(0.2)


async def begin(scene: Scene, *steps: object) -> None:
    """Ask, and have Claude reply with these steps."""
    claude = scene.stage.claude
    assert isinstance(claude, FakeBackend)
    claude.steps = steps  # type: ignore[assignment]
    scene.app.screen.query_one(Composer).text = "How do I use Rust lifetimes?"
    await scene.pilot.pause()
    await scene.pilot.press("enter")
    await wait_until(scene.pilot, lambda: bool(claude.asked))


KEPT_SCENES = (
    conversations,
    search_hits,
    search_nothing,
    no_conversations,
    rename,
    receipt,
    focused,
    save_code,
    editing,
    ledger,
    export,
    private,
    claude_key,
    adapters,
    streaming,
    thinking,
    error,
    long_lines,
)
