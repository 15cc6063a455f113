"""A message of the user."""

from textual.content import Content
from textual.events import Click
from textual.selection import Selection
from textual.widgets import Static

from shammah_tui.core.conversation.pins import Side, split_pin, with_pin
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.text.plain_text import drawn, plain_lines
from shammah_tui.ui.chat.held_scroll import HeldScroll
from shammah_tui.ui.chat.message_box import MessageBox

FOLDED_LINES = 20
"""Shown of a long question at first."""

FOLDED_CHARACTERS = 2_000
"""At most, in those lines: a line may be as long as a file."""

LONGEST_LINES, LONGEST_CHARACTERS = 5 * FOLDED_LINES, 5 * FOLDED_CHARACTERS
"""What is no longer than this is shown whole."""

MORE_LINES, MORE_CHARACTERS = 1_000, 50_000
"""What unfolding adds: 1,000 lines take 0.2 s to lay out, 45,000 take 12 s."""


class Question(Static, MessageBox, can_focus=True):
    """What the user asked, as written: neither Markdown nor markup.

    Of a long one the first lines are shown, and how much more there is; unfolding shows more of
    it, and at the end folds it again.
    """

    DEFAULT_CSS = """
    Question {
        height: auto;
        max-width: 104;
        margin: 1 1 0 1;
        padding: 0 1;
        background: $surface;
        border-left: outer $primary;
        border-title-align: right;
        border-title-color: $text-muted;
        border-title-background: $surface;
        &.-titled { margin: 0 1 0 1; border-top: blank $surface; }
        &:focus { margin: 0; padding: 0 1 0 2; border: round $border; }
    }
    """

    # Static does not let them through.
    BINDINGS = MessageBox.BINDINGS

    is_question = True

    def __init__(self, text: str, message: StoredMessage | None = None) -> None:
        self._pin, said = split_pin(text) if message is None else (message.pin, text)
        self._text = with_pin(self._pin, plain_lines(said))
        self._unfolded = 0
        self._is_long = (
            len(self._text) > LONGEST_CHARACTERS or self._text.count("\n") >= LONGEST_LINES
        )
        super().__init__(self._picture(), markup=False)
        self.set_reactive(MessageBox.message, message)

    @property
    def stays_here(self) -> bool:
        return super().stays_here or self._pin is Side.LOCAL

    @property
    def text(self) -> str:
        return self._text

    @property
    def can_unfold(self) -> bool:
        return self._is_long

    def unfold(self) -> None:
        """Show more of it; where all is shown, the first lines only."""
        is_whole = self._shown_to == len(self._text)
        self._unfolded = 0 if is_whole else self._unfolded + 1
        self._hold_the_pane(is_folded=is_whole)
        self.update(self._picture())

    def _hold_the_pane(self, *, is_folded: bool) -> None:
        """Let what is read stay where it is; what is folded stays in view."""
        pane = next((each for each in self.ancestors if isinstance(each, HeldScroll)), None)
        if pane is None:
            return
        pane.stay()
        if is_folded and self.virtual_region.y < pane.scroll_y:
            pane.hold(self, 0)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        chosen = super().get_selection(selection)
        return None if chosen is None else (chosen[0], "\n\n")

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if self._is_long and offset is not None and offset.y == self.content_size.height - 1:
            self.unfold()

    @property
    def _shown_to(self) -> int:
        text, steps = self._text, self._unfolded
        if not self._is_long:
            return len(text)
        most = FOLDED_CHARACTERS + steps * MORE_CHARACTERS
        end = -1
        for _ in range(FOLDED_LINES + steps * MORE_LINES):
            end = text.find("\n", end + 1)
            if end < 0:
                return min(most, len(text))
            if end > most:
                return most
        return end

    def _picture(self) -> Content:
        if not self._is_long:
            return Content(drawn(self._text)[0])
        end = self._shown_to
        rest = self._text[end:]
        lines = rest.count("\n")
        if not rest:
            more = "▴ fold"
        elif lines:
            more = f"▾ {lines:,} more line{'' if lines == 1 else 's'}"
        else:
            more = f"▾ {len(rest):,} more characters"
        fold = Content.styled(more, "$text-muted")
        return Content("\n").join([Content(drawn(self._text[:end])[0]), fold])
