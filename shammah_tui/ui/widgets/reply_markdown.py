"""Markdown as replies need it. Importing it costs 50 ms: only whoever shows a reply does."""

import re
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownBlock, MarkdownFence, MarkdownList

from shammah_tui.core.links import address_to_open, says_address
from shammah_tui.core.plain_text import shown_lines
from shammah_tui.ui.widgets.code_lines import CodeLines
from shammah_tui.ui.widgets.reply_blocks import (
    GrowingBulletList,
    GrowingOrderedList,
    GrowingQuote,
)
from shammah_tui.ui.widgets.reply_table import TABLE, ReplyTable, fold_tables

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


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


class ReplyMarkdown(Markdown):
    """Markdown in which every link shows where it leads.

    Attributes:
        is_folded: Whether its blocks are left out of the layout; it stays as high as it was.
    """

    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012 - as the base class declares it
        **Markdown.BLOCKS,
        "fence": CodeBlock,
        "code_block": CodeBlock,
        "bullet_list_open": GrowingBulletList,
        "ordered_list_open": GrowingOrderedList,
        "blockquote_open": GrowingQuote,
    }

    def __init__(self) -> None:
        super().__init__(open_links=False, parser_factory=_parser)
        self.is_folded = False

    def unhandled_token(self, token: Token) -> MarkdownBlock | None:
        """Return a table as one block."""
        return ReplyTable(self, token) if token.type == TABLE else None

    def append(self, markdown: str) -> AwaitComplete:
        """Add to the text; of a table that it ends with, only the new rows are parsed."""
        table = self.children[-1] if self.children else None
        if not isinstance(table, ReplyTable):
            return super().append(markdown)
        source = "".join(self.source.splitlines(keepends=True)[self._last_parsed_line :])
        head, *lines = source.split("\n")
        # Each row is one line; the one that has no end yet may become another. The line below the
        # headers may, too.
        whole = min(len(lines) - 2, len(table.rows))
        if whole < 0:
            return super().append(markdown)
        self._markdown = self.source + markdown
        rest = "\n".join([head, lines[0], *lines[1 + whole :]]) + markdown
        return AwaitComplete(self._append_rows(table, whole, rest))

    async def _append_rows(self, table: ReplyTable, whole: int, source: str) -> None:
        """Have the table go on after the row ``whole`` as the one in ``source`` does."""
        async with self.lock:
            tokens = _parser().parse(source)
            more, *blocks = self._parse_markdown(tokens)
            assert isinstance(more, ReplyTable)
            skipped = self._last_parsed_line + whole
            for block in blocks:
                start, end = block.source_range
                block.source_range = start + skipped, end + skipped
            starts = [token.map[0] for token in tokens if token.map and not token.level]
            if starts[-1]:
                self._last_parsed_line = skipped + starts[-1]
            with self.app.batch_update():
                table.replace(whole, more.rows)
                if blocks:
                    await self.mount_all(blocks)

    def fold(self) -> None:
        """Leave its blocks out of the layout, which else costs as much as if they were seen."""
        focused = self.screen.focused
        has_focus = focused is not None and self in focused.ancestors
        if not (self.is_folded or has_focus) and self.size.height:
            self.is_folded = True
            self.styles.height = self.size.height
            for child in self.children:
                child.display = False

    def unfold(self) -> None:
        """Show its blocks, at the height that they need now."""
        if self.is_folded:
            self.is_folded = False
            self.styles.height = "auto"
            for child in self.children:
                child.display = True

    def goes_on_in(self, after: "ReplyMarkdown") -> None:
        """Leave no gap to the passage below where that goes on with a list."""
        if self.children and after.children:
            last, first = self.children[-1], after.children[0]
            if isinstance(last, MarkdownList) and type(last) is type(first):
                last.styles.margin = 0


def _parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like")
    parser.core.ruler.push("shammah", _rework)
    return parser


def _rework(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = _with_addresses(token.children)
    state.tokens = fold_tables(state.tokens)


def _with_addresses(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with the address after each link whose text does not say it.

    Whoever has no mouse could not know it otherwise, and a text may name another address.
    """
    reworked: list[Token] = []
    address: str | None = None
    text: list[str] = []
    for token in tokens:
        if token.type == "html_inline" and _BREAK.fullmatch(token.content):
            # The only way to write two lines in a cell of a table; it is text else, and left out.
            token = Token("hardbreak", "br", 0)  # noqa: PLW2901
        # An entity such as &#x202e; is a character only now.
        token.content = shown_lines(token.content)
        if token.type == "link_open":
            address, text = address_to_open(str(token.attrs.get("href", ""))), []
        text.append(token.content)
        reworked.append(token)
        if token.type == "link_close":
            if address is not None and not says_address("".join(text), address):
                reworked.append(Token("text", "", 0, content=f" ({address})"))
            address = None
    return reworked
