"""What streaming one long reply costs: an open code fence, prose, a list and a table.

Run it as ``python -m tests.benchmarks.stream_fence``; it takes some minutes. Each chunk is a line
of 50 characters, written and drawn at 80 × 24 before the next one. The program promises that a
fence costs no more than prose, and that twice as much of either costs twice as much: the last
column of each is the cost of a length against that of half of it.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from shammah_tui.ui.reply.reply_text import ReplyText

CHUNKS = (100, 200, 400, 800, 1600)
TABLE_ROWS = (20, 80)
LAST_ROWS = 10
LINE = "let value = function(argument, another) + {:6d};\n"


class _Page(App[None]):
    def compose(self) -> ComposeResult:
        yield VerticalScroll()


def _fence(chunks: int) -> list[str]:
    return ["```js\n", *(LINE.format(number) for number in range(chunks)), "```\n"]


def _prose(chunks: int) -> list[str]:
    # A paragraph of four lines, as prose has them.
    lines = (LINE.format(number) for number in range(chunks))
    return ["", *(f"{line}\n" if n % 4 == 3 else line for n, line in enumerate(lines)), "\n"]


async def drawn(widget: Widget) -> None:
    """Wait for the next picture; not by the pilot, which asks every widget that there is."""
    is_drawn = asyncio.Event()
    widget.call_after_refresh(is_drawn.set)
    await is_drawn.wait()


async def stream(pieces: list[str]) -> tuple[float, float]:
    """Return the CPU seconds that ``pieces`` took to be shown, and those of the last one alone.

    The last one closes the fence, which is parsed and highlighted as a whole then.
    """
    app = _Page()
    async with app.run_test(size=(80, 24)) as pilot:
        text = ReplyText()
        pane = app.query_one(VerticalScroll)
        await pane.mount(text)
        pane.anchor()
        await pilot.pause()
        began = time.process_time()
        for piece in pieces[:-1]:
            await text.append(piece)
            await drawn(text)
        before_last = time.process_time()
        await text.append(pieces[-1])
        await text.finish()
        await drawn(text)
        ended = time.process_time()
        return ended - began, ended - before_last


def _list(chunks: int) -> list[str]:
    return [f"- {LINE.format(number)}" for number in range(chunks)]


def _table_row(number: int) -> tuple[str, str, str]:
    return (
        f"| row {number} | some `code` and **bo",
        "ld** words, and more of them than fit into one line of a cell | ",
        f"{number * 7} |\n",
    )


async def table(rows: int) -> tuple[float, float]:
    """Return the CPU seconds of a piece of the last rows of a table: the mean and the most."""
    app = _Page()
    async with app.run_test(size=(80, 24)) as pilot:
        text = ReplyText()
        pane = app.query_one(VerticalScroll)
        await pane.mount(text)
        pane.anchor()
        await text.append("Prices:\n\n| who | what it is | number |\n|---|---|--:|\n")
        await pilot.pause()
        spent: list[float] = []
        for number in range(rows):
            for piece in _table_row(number):
                began = time.process_time()
                await text.append(piece)
                await drawn(text)
                spent.append(time.process_time() - began)
        last = spent[-3 * LAST_ROWS :]
        return sum(last) / len(last), max(last)


def main() -> None:
    """Print a line for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    kinds = {"prose": _prose, "fence": _fence, "list": _list}
    spent: dict[str, dict[int, float]] = {kind: {} for kind in (*kinds, "table")}
    for rows in TABLE_ROWS:
        mean_s, most_s = asyncio.run(table(rows))
        spent["table"][rows] = mean_s
        print(
            f"table of {rows} rows: {1000 * mean_s:.1f} ms a piece, at most {1000 * most_s:.1f}",
            flush=True,
        )
    for chunks in CHUNKS:
        said = []
        for kind, pieces in kinds.items():
            seconds, closing_s = asyncio.run(stream(pieces(chunks)))
            before_s = spent[kind].get(chunks // 2)
            spent[kind][chunks] = seconds
            doubling = f"×{seconds / before_s:.2f}" if before_s else ""
            closing = f" (closing {closing_s:.2f})" if kind == "fence" else ""
            each_ms = 1000 * seconds / chunks
            said.append(f"{kind} {seconds:6.2f} s {each_ms:5.1f} ms each {doubling:5}{closing}")
        print(f"{chunks:5} chunks: {'; '.join(said)}", flush=True)
    if options.json is not None:
        options.json.write_text(json.dumps(spent, indent=2) + "\n")


if __name__ == "__main__":
    main()
