"""What streaming one long open code fence costs, against the same amount of prose.

Run it as ``python -m tests.benchmarks.stream_fence``; it takes some minutes. Each chunk is a line
of 50 characters, written and drawn at 80 × 24 before the next one. The program promises that a
fence costs no more than prose, and neither more for each chunk the longer it is.
"""

import asyncio
import time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll

from shammah_tui.ui.widgets.reply_text import ReplyText

CHUNKS = (200, 400, 800, 1600)
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
            await pilot.pause()
        before_last = time.process_time()
        await text.append(pieces[-1])
        await text.finish()
        await pilot.pause()
        ended = time.process_time()
        return ended - began, ended - before_last


def main() -> None:
    """Print a line for each length."""
    print("chunks   fence s  of it closing   ms a chunk   prose s   ms a chunk   fence / prose")
    for chunks in CHUNKS:
        fence_s, closing_s = asyncio.run(stream(_fence(chunks)))
        prose_s, _ = asyncio.run(stream(_prose(chunks)))
        print(
            f"{chunks:6}  {fence_s:8.2f}  {closing_s:13.2f}  {1000 * fence_s / chunks:11.1f}"
            f"  {prose_s:8.2f}  {1000 * prose_s / chunks:11.1f}  {fence_s / prose_s:14.2f}"
        )


if __name__ == "__main__":
    main()
