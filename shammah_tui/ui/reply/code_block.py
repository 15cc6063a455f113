"""A block of code in a reply."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.selection import Selection
from textual.widgets.markdown import MarkdownFence

from shammah_tui.ui.reply.code_lines import CodeLines, title_of, widest


class CodeBlock(MarkdownFence):
    """Code that scrolls sideways, by mouse or, when it has the focus, by key."""

    DEFAULT_CSS = """
    CodeBlock {
        overflow: auto hidden;
        scrollbar-size-horizontal: 1;
        width: auto;
        min-width: 100;
        max-width: 100%;
        border: round $foreground 30%;
        border-title-color: $text-muted;
        &:focus { background-tint: $foreground 8%; border: round $border; }
        &:nocolor:focus { border-left: ascii $primary; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scroll_left", "Scroll the code to the left", show=False),
        Binding("right", "scroll_right", "Scroll the code to the right", show=False),
        Binding("home", "scroll_home", "Scroll the code to its left edge", show=False),
        Binding("end", "scroll_code_end", "Scroll the code to its right edge", show=False),
    ]

    can_focus = True

    @classmethod
    def highlight(  # as Textual calls it
        cls,
        code: str,  # noqa: ARG003
        language: str,  # noqa: ARG003
        ansi: bool = False,  # noqa: ARG003
        dark: bool = False,  # noqa: ARG003
    ) -> Content:
        """Do nothing: the lines are coloured once they are seen."""
        return Content()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return widest(self.code) + 2

    def watch_scroll_x(self, old: float, new: float) -> None:
        super().watch_scroll_x(old, new)
        self._refresh_lines()

    def on_resize(self) -> None:
        self._refresh_lines()

    def _refresh_lines(self) -> None:
        for lines in self.query_children(CodeLines):
            lines.refresh()

    def become(self, block: "CodeBlock") -> None:
        """Show the code of another block."""
        self.code, self.lexer = block.code, block.lexer
        self.set_content(Content())

    def set_content(self, content: Content) -> None:
        """Show the code as it is now."""
        self.border_title = title_of(self.lexer)
        for lines in self.query_children(CodeLines):
            lines.show(self.code, self.lexer)

    def compose(self) -> ComposeResult:
        self.border_title = title_of(self.lexer)
        yield CodeLines(self.code, self.lexer)

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""

    def action_scroll_code_end(self) -> None:
        self.scroll_to(x=self.max_scroll_x)
