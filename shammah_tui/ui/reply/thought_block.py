"""What the model thought ahead of a reply, folded away."""

import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.selection import Selection
from textual.widgets import Static

from shammah_tui.core.text.plain_text import drawn, plain_lines
from shammah_tui.core.text.units import format_duration

LONGEST_PIECE = 2_000
"""Characters: only the last piece is drawn anew with each write, whatever came before it."""


class ThoughtBlock(Vertical):
    """One line that says how much, and below it, when it is unfolded, what.

    Nothing in it can be selected, so that it is never copied with the reply. One that is kept was
    thought another time, of which no duration is known.
    """

    DEFAULT_CSS = """
    ThoughtBlock {
        height: auto;
        color: $text-muted;
        .fold { height: 1; width: auto; }
        .fold:hover { color: $foreground; }
        .thoughts { height: auto; max-width: 104; display: none; padding: 0 1; }
        .thoughts { border-left: outer $rule; }
        &.-unfolded .thoughts { display: block; }
    }
    """
    ALLOW_SELECT = False

    unfolded = reactive(False)
    """Whether the thoughts are shown."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, is_kept: bool = False
    ) -> None:
        super().__init__()
        self._is_kept = is_kept
        self._clock = clock
        self._began_s = clock()
        self._spent_s: float | None = None
        self._said: list[str] = []
        self._characters = 0
        self._last = ""
        self._fold = _Unselectable(classes="fold", markup=False)
        self._body = Vertical(classes="thoughts")

    def compose(self) -> ComposeResult:
        yield self._fold
        yield self._body

    def on_mount(self) -> None:
        self._say()

    @property
    def text(self) -> str:
        return "".join(self._said)

    async def append(self, text: str) -> None:
        text = plain_lines(text)
        self._said.append(text)
        self._characters += len(text)
        self._say()
        pieces = self._body.query(_Unselectable)
        if not pieces or (len(self._last) > LONGEST_PIECE and "\n" in text):
            # A piece begins with a line, so that the cut is not seen.
            before, _, text = text.partition("\n") if pieces else ("", "", text.lstrip())
            if before:
                pieces.last().update(Content(drawn(self._last + before)[0]))
            self._last = text
            await self._body.mount(_Unselectable(Content(drawn(text)[0]), markup=False))
        else:
            self._last += text
            pieces.last().update(Content(drawn(self._last)[0]))

    def end(self) -> None:
        """Say how long it took; may be called again."""
        if self._spent_s is None:
            self._spent_s = self._clock() - self._began_s
            self._say()

    def resume(self) -> None:
        if self._spent_s is not None:
            self._began_s, self._spent_s = self._clock() - self._spent_s, None
            self._say()

    def on_click(self, event: Click) -> None:
        if event.widget is self._fold:
            self.unfolded = not self.unfolded

    def watch_unfolded(self, unfolded: bool) -> None:
        self.set_class(unfolded, "-unfolded")
        self._say()

    def _say(self) -> None:
        sign = "▾" if self.unfolded else "▸"
        if self._spent_s is None or self._is_kept:
            size = self._characters
            much = f"{size / 1000:.1f}k" if size >= 1000 else str(size)
            said = f"{'Thoughts' if self._is_kept else 'Thinking…'} ({much} characters)"
        else:
            seconds = max(1, round(self._spent_s))
            said = f"Thought for {format_duration(seconds) if seconds > 59 else f'{seconds} s'}"
        self._fold.update(Content(f"{sign} {said}"))


class _Unselectable(Static):
    ALLOW_SELECT = False

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied, also where everything is selected by a key."""
