"""The slash commands that fit what has been typed, above the composer."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from shammah_tui.core.plain_text import cell_width
from shammah_tui.ui.keys import KeyCommand


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

    @dataclass
    class Chosen(Message):
        """A command was chosen by mouse."""

        command: KeyCommand

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._commands: tuple[KeyCommand, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._commands)

    @property
    def chosen(self) -> KeyCommand | None:
        """The command that is highlighted."""
        row = self.highlighted
        return self._commands[row] if self.is_open and row is not None else None

    def offer(self, commands: Sequence[KeyCommand]) -> None:
        """Show ``commands``, the first one highlighted; none closes the list."""
        if tuple(commands) == self._commands:
            return
        self._commands = tuple(commands)
        self.set_class(self.is_open, "-open")
        width = max((cell_width(command.usage) for command in commands), default=0)
        lines = [_line(command, width) for command in commands]
        # With a cell on either side, and one for the scrollbar.
        self.styles.width = max((line.cell_length for line in lines), default=0) + 3
        self.set_options(Option(line) for line in lines)
        self.highlighted = 0 if commands else None

    def move(self, rows: int) -> None:
        """Move the highlight, round the ends."""
        if self._commands and self.highlighted is not None:
            self.highlighted = (self.highlighted + rows) % len(self._commands)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose by mouse."""
        event.stop()
        self.post_message(self.Chosen(self._commands[event.option_index]))


def _line(command: KeyCommand, width: int) -> Content:
    space = " " * (width - cell_width(command.usage) + 2)
    return Content.assemble(" ", (command.usage, "bold"), space, command.description, " ")
