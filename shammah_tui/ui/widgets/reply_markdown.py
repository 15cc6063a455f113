"""Markdown as replies need it. Importing it costs 50 ms: only whoever shows a reply does."""

from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from textual.binding import Binding, BindingType
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from shammah_tui.core.links import address_to_open, says_address
from shammah_tui.core.plain_text import plain_lines


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

    def action_scroll_code_end(self) -> None:
        """Show the ends of the longest lines."""
        self.scroll_to(x=self.max_scroll_x)


class ReplyMarkdown(Markdown):
    """Markdown in which every link shows where it leads."""

    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012 - as the base class declares it
        **Markdown.BLOCKS,
        "fence": CodeBlock,
        "code_block": CodeBlock,
    }

    def __init__(self) -> None:
        super().__init__(open_links=False, parser_factory=_parser)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like")
    parser.core.ruler.push("shammah", _rework)
    return parser


def _rework(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = _with_addresses(token.children)


def _with_addresses(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with the address after each link whose text does not say it.

    Whoever has no mouse could not know it otherwise, and a text may name another address.
    """
    reworked: list[Token] = []
    address: str | None = None
    text: list[str] = []
    for token in tokens:
        # An entity such as &#x202e; is a character only now.
        token.content = plain_lines(token.content)
        if token.type == "link_open":
            address, text = address_to_open(str(token.attrs.get("href", ""))), []
        text.append(token.content)
        reworked.append(token)
        if token.type == "link_close":
            if address is not None and not says_address("".join(text), address):
                reworked.append(Token("text", "", 0, content=f" ({address})"))
            address = None
    return reworked
