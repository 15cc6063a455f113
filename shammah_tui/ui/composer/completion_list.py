"""What fits what has been typed after a slash, above the composer."""

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from shammah_tui.core.text.plain_text import cell_width
from shammah_tui.ui.composer.slash import Completion


class CompletionList(OptionList):
    """A list that never has the focus: the composer moves in it while it is being written in."""

    DEFAULT_CSS = """
    CompletionList {
        overlay: screen;
        offset: 1 -100%;
        display: none;
        max-width: 100%;
        height: auto;
        max-height: 10;
        background: $surface;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-open { display: block; }
        & > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    can_focus = False

    class Chosen(Message):
        """One was chosen by mouse."""

        def __init__(self, completion: Completion) -> None:
            super().__init__()
            self.completion = completion

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._completions: tuple[Completion, ...] = ()

    @property
    def is_open(self) -> bool:
        return bool(self._completions)

    @property
    def chosen(self) -> Completion | None:
        row = self.highlighted
        return self._completions[row] if self.is_open and row is not None else None

    def offer(self, completions: Sequence[Completion], *, is_begun: bool = True) -> None:
        """Show ``completions``; none closes the list. The first is highlighted if ``is_begun``."""
        if tuple(completions) == self._completions:
            if is_begun and self.highlighted is None and completions:
                self.highlighted = 0
            return
        self._completions = tuple(completions)
        self.set_class(self.is_open, "-open")
        width = max((cell_width(each.shown) for each in completions), default=0)
        lines = [_line(each, width) for each in completions]
        # With a cell on either side, and one for the scrollbar.
        self.styles.width = max((line.cell_length for line in lines), default=0) + 3
        self.set_options(Option(line) for line in lines)
        self.highlighted = 0 if completions and is_begun else None

    def move(self, rows: int) -> None:
        if self._completions:
            at = self.highlighted
            before = at if at is not None else -1 if rows > 0 else 0
            self.highlighted = (before + rows) % len(self._completions)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._completions[event.option_index]))


def _line(completion: Completion, width: int) -> Content:
    space = " " * (width - cell_width(completion.shown) + 2)
    said = (space, completion.description) if completion.description else ()
    return Content.assemble(" ", (completion.shown, "bold"), *said, " ")
