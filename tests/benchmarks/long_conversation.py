"""``python -m tests.benchmarks.long_conversation``: 2,000 messages against the last 20 of them.

The program over a real store: opening the conversation, paging up through it, typing in it and
streaming a reply at its end, each as CPU time of the whole process (its threads included) until
the picture stands; then the memory of the real program in a pseudo-terminal, after it has paged up
a thousand messages. Rounds of both lengths alternate. Of the messages, 200 KB are code.
"""

import argparse
import asyncio
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.adapters.sqlite.opening import FILE_NAME
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import ReplyEvent, StopReason, TextDelta
from shammah_tui.ports import ReplyOptions
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.composer.composer import Composer
from tests.end_to_end.terminal import Terminal
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until

LONG, SHORT = 2_000, 20
ROUNDS = 5
PAGES, KEYS, PIECES = 30, 60, 100
MOST_RATIO = 1.2
MOST_BYTES = 150_000_000
PAGE_UP = "\x1b[5~"
SENTENCE = (
    "The boats come home with the **evening** wind, one after `another`, and the sea is grey. "
)
CODE = "\n".join(f"value_{n} = compute({n}, 'text') + other[{n}]" for n in range(24))
PACE_S = 0.005


async def fill(path: Path, messages: int) -> int:
    """Keep a conversation with the last ``messages`` of ``LONG`` and return its id."""
    store = SqliteStore(path)
    conversation = store.new_id()
    parent: int | None = None
    receipt = Receipt(Side.CLAUDE, "Claude · you asked", stop_reason=StopReason.END_TURN)
    for number in range(LONG - messages, LONG, 2):
        asked = store.add_question(conversation, parent, f"Question {number}: {SENTENCE}").id
        parent = store.begin_reply(conversation, asked, Receipt(Side.CLAUDE, receipt.label)).id
        code = f"\n```py\n{CODE}\n```\n" if number % 10 == 0 else ""
        store.append(parent, f"Reply {number}. {SENTENCE * 3}\n\n{SENTENCE * 2}\n{code}")
        store.finish_reply(parent, receipt)
    await store.close()
    return conversation


@dataclass
class Paced:
    """Streams a reply a piece at a time."""

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        for _ in range(PIECES):
            await asyncio.sleep(PACE_S)
            yield TextDelta(f"{SENTENCE}\n\n")
        yield CLAUDE_DONE


async def one_round(path: Path, conversation: int) -> dict[str, float]:
    """Return CPU milliseconds: of opening, a key, a reply, a page up and the slowest one.

    Of the last also where no page has to wait for memory to be looked through.
    """
    app = Stage(claude=Paced(), store_path=path).app()
    costs: dict[str, float] = {}
    async with app.run_test(size=(100, 30)) as pilot:
        screen, pane = app.screen, app.screen.query_one(ChatPane)
        assert isinstance(screen, ChatScreen)
        await pilot.pause(0.5)

        began_s = time.process_time()
        await screen.open_conversation(conversation)
        await wait_until(pilot, lambda: pane.scroll_y == pane.max_scroll_y > 0)
        costs["open"] = time.process_time() - began_s

        await pilot.pause(0.5)
        costs["key at the end"] = await typing(pilot)
        began_s = time.process_time()
        await pilot.press("enter")
        await wait_until(
            pilot,
            lambda: (
                pane.boxes[-1].text.count("boats") == PIECES and not app.screen.query(".waiting")
            ),
            turns=3_000,
        )
        costs["reply streamed"] = time.process_time() - began_s

        await pilot.pause(0.5)
        pages, without = [], []
        with collecting() as spent_s:
            for _ in range(PAGES):
                spent_s[:] = []
                began_s = time.process_time()
                screen.action_scroll_pane(-1)
                await pilot.pause()
                pages.append(time.process_time() - began_s)
                without.append(pages[-1] - sum(spent_s))
                if pane.scroll_y == 0:
                    break
        costs["page up"] = statistics.median(pages)
        costs["page up, the slowest"] = max(pages)
        costs["less collection"] = max(without)
        await pilot.pause(0.5)
        costs["key further up"] = await typing(pilot)
    return {name: cost * 1e3 for name, cost in costs.items()}


@contextmanager
def collecting() -> Iterator[list[float]]:
    """Give a list to which the CPU seconds of each look through all memory are added."""
    spent_s: list[float] = []
    began_s = 0.0

    def note(phase: str, facts: dict[str, int]) -> None:
        nonlocal began_s
        if facts["generation"] == 2 and phase == "start":
            began_s = time.process_time()
        elif facts["generation"] == 2:
            spent_s.append(time.process_time() - began_s)

    gc.callbacks.append(note)
    try:
        yield spent_s
    finally:
        gc.callbacks.remove(note)


async def typing(pilot: Pilot[None]) -> float:
    """Return the CPU seconds of one key."""
    composer = pilot.app.screen.query_one(Composer)
    began_s = time.process_time()
    for number in range(KEYS):
        await pilot.press("etaoin"[number % 6])
    await wait_until(pilot, lambda: len(composer.text) == KEYS)
    cost_s = time.process_time() - began_s
    if pilot.app.screen.query_one(ChatPane).is_at_end is False:
        composer.load_text("")
    return cost_s / KEYS


def memory(home: Path) -> int:
    """Return the bytes of the real program: its own, and its share of what others use, too."""
    environment = {
        "HOME": str(home),
        "SHAMMAH_STARTER": "off",
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(Path.cwd()),
        "ANTHROPIC_API_KEY": "sk-ant-benchmark",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "shammah_tui", "--offline", "--continue"]
    with Terminal(command, environment, home, columns=100, rows=30) as terminal:
        terminal.wait_for(f"Reply {LONG - 2}")
        time.sleep(3)
        for _ in range(200):
            terminal.send(PAGE_UP)
            time.sleep(0.03)
        time.sleep(1)
        shown = terminal.wait_for_match(r"(?:Question|Reply) (\d+)")
        print(f"paged up to message {shown[1]}")
        return int(terminal.program.memory_full_info().pss)


def main() -> None:
    """Measure, print, and write the file that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    costs: dict[int, list[dict[str, float]]] = {SHORT: [], LONG: []}
    result: dict[str, object] = {"load_average": os.getloadavg()}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            for messages, rounds in costs.items():
                path = Path(folder, f"{number}-{messages}.db")
                conversation = asyncio.run(fill(path, messages))
                rounds.append(asyncio.run(one_round(path, conversation)))
        home = Path(folder, "home")
        (home / ".local" / "share" / "shammah").mkdir(parents=True)
        asyncio.run(fill(home / ".local" / "share" / "shammah" / FILE_NAME, LONG))
        result["pss_bytes"] = pss = memory(home)
    print(f"load average {os.getloadavg()[0]:.1f}; CPU ms, medians of {options.rounds} rounds")
    for name in costs[LONG][0]:
        short, long = (statistics.median(each[name] for each in costs[n]) for n in (SHORT, LONG))
        result[name] = {"short_ms": short, "long_ms": long, "ratio": long / short}
        print(
            f"{name:22} {SHORT} messages {short:7.1f}  {LONG} {long:7.1f}  ratio {long / short:.2f}"
        )
    print(f"ratios are to be at most {MOST_RATIO}")
    print(f"memory {pss / 1e6:.0f} MB, to be below {MOST_BYTES / 1e6:.0f}")
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
