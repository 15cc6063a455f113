"""A block of code in a reply."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets._markdown import MarkdownFence

from shammah_tui.ui.widgets.code_lines import CodeLines


class CodeBlock(MarkdownFence):
    """Code that scrolls sideways, by mouse or, when it has the focus, by key."""

    DEFAULT_CSS = """
    CodeBlock {
        overflow: auto hidden;
        scrollbar-size-horizontal: 1;
        &:focus { background-tint: $foreground 8%; }
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

    def set_content(self, content: Content) -> None:
        """Show other code."""
        for lines in self.query_children(CodeLines):
            lines.show(self.code, self.lexer)

    def compose(self) -> ComposeResult:
        """Its lines."""
        yield CodeLines(self.code, self.lexer)

    def action_scroll_code_end(self) -> None:
        """Show the ends of the longest lines."""
        self.scroll_to(x=self.max_scroll_x)
