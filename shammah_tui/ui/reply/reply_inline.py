"""What stands in a line of a reply, as it is drawn, and what was written instead of it."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from markdown_it.token import Token
from textual.content import Content, Span
from textual.selection import Selection
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from shammah_tui.core.text.plain_text import Stand, drawn, plain_line, plain_lines
from shammah_tui.ui.reply.links import address_to_open, says_address
from shammah_tui.ui.reply.reply_parser import BREAK, FOOTNOTE
from shammah_tui.ui.reply.textual_markdown import MarkdownParagraph

_STYLES = {"em": ".em", "strong": ".strong", "s": ".s"}
_CITATION = re.compile(r"\W*\d+\W*")
_TAB = "    "


class Drawn(NamedTuple):
    """A text as it is drawn."""

    content: Content
    stands: Sequence[Stand]


class _Line:
    """Puts a text together."""

    def __init__(self) -> None:
        self.size = 0
        self._texts: list[str] = []
        self._spans: list[Span] = []
        self._stands: list[Stand] = []
        self._open: list[tuple[str | Style, int]] = []

    def add(self, written: str, style: str = "") -> None:
        start = self.size
        for number, part in enumerate(plain_lines(written).split("\t")):
            if number:
                self._put(_TAB, [Stand(0, len(_TAB), "\t")])
            self._put(*drawn(part))
        if style:
            self._spans.append(Span(start, self.size, style))

    def add_in_place_of(self, written: str, shown: str) -> None:
        """Add what is shown in the place of what was written."""
        self._put(shown, [Stand(0, len(shown), written)])

    def _put(self, text: str, stands: Sequence[Stand] = ()) -> None:
        self._stands += [
            Stand(each.start + self.size, each.end + self.size, each.source) for each in stands
        ]
        self._texts.append(text)
        self.size += len(text)

    def open(self, style: str | Style) -> None:
        self._open.append((style, self.size))

    def close(self) -> str:
        style, start = self._open.pop()
        self._spans.append(Span(start, self.size, style))
        return "".join(self._texts)[start:]

    @property
    def drawn(self) -> Drawn:
        return Drawn(Content("".join(self._texts), spans=self._spans), self._stands)


def inline(tokens: Sequence[Token], *, in_table: bool = False) -> Drawn:
    """Return a line's text; after a link whose text does not say it, its address.

    Whoever has no mouse could not know it otherwise, and a text may name another address. A
    citation such as ``[1]`` stays one: its address is where it is defined.

    Args:
        tokens: What the parser made of it.
        in_table: Whether it is a cell, in which ``<br>`` is the only way to begin a line.
    """
    line = _Line()
    links: list[tuple[str, bool]] = []
    for number, token in enumerate(tokens):
        match token.type:
            case "text":
                line.add(token.content)
            case "softbreak" | "hardbreak":
                line.add("\n")
            case "code_inline":
                line.add(token.content, ".code_inline")
            case "em_open" | "strong_open" | "s_open":
                line.open(_STYLES[token.tag])
            case "em_close" | "strong_close" | "s_close":
                line.close()
            case "link_open":
                href = str(token.attrs.get("href", ""))
                label = str(token.meta.get("label", ""))
                says = [each.content for each in tokens[number + 1 : number + 3]]
                is_citation = bool(_CITATION.fullmatch(label)) and says == [label, ""]
                links.append((href, is_citation))
                line.open(_click(href))
                if is_citation:
                    line.add("[")
            case "link_close":
                _close_link(line, *links.pop())
            case "image":
                href = str(token.attrs.get("src", ""))
                line.open(_click(href))
                line.add("🖼  ")
                line.add("".join(each.content for each in token.children or ()))
                _close_link(line, href, is_citation=False)
            case _ if token.type == BREAK and in_table:
                line.add_in_place_of(token.content, "\n")
            case _ if token.type == FOOTNOTE:
                line.add(token.content, "$text-primary")
            case _:
                line.add(token.content)
    return line.drawn


def _click(href: str) -> Style:
    return Style.from_meta({"@click": f"link({href!r})"})


def _close_link(line: _Line, href: str, is_citation: bool) -> None:
    if is_citation:
        line.add("]")
    text = line.close()
    # Also one that leads nowhere here: a file, another program.
    address = address_to_open(href) or plain_line(unquote(href))
    if address and not (is_citation or address.startswith("#") or says_address(text, address)):
        line.add(f" ({address})")


def written(text: str, stands: Sequence[Stand], start: int = 0, end: int | None = None) -> str:
    """Return what was written where a part of ``text`` is drawn.

    Of what stands for something else, all is in it as soon as anything is; what is not drawn goes
    with the character before it.
    """
    end = len(text) if end is None else end
    parts, at = [], start
    for stand in stands:
        is_in = (
            start < stand.start <= end or not (start or stand.start)
            if stand.start == stand.end
            else (stand.start < end and stand.end > start)
        )
        if is_in:
            parts += [text[at : stand.start], stand.source]
            at = stand.end
    return "".join([*parts, text[at:end]])


def selected(text: str, stands: Sequence[Stand], selection: Selection) -> str:
    """Return what was written where ``text`` is selected."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def place(y: int, x: int) -> int:
        if y >= len(starts) - 1:
            return len(text)
        return min(starts[y] + x, starts[y + 1] - 1)

    start = 0 if selection.start is None else place(*selection.start.transpose)
    end = len(text) if selection.end is None else place(*selection.end.transpose)
    return written(text, stands, start, end)


def end_below(block: Widget) -> str:
    """Return what a copy has between a block and the next one: a blank line, as was written."""
    each: Widget = block
    while each.parent is not None and not isinstance(each, Markdown):
        parent = each.parent
        assert isinstance(parent, Widget)
        if isinstance(parent, Markdown):
            return "\n\n"
        if each is not parent.children[-1]:
            after = parent.children[parent.children.index(each) + 1]
            are_two = type(each) is type(after) is ReplyParagraph
            return "\n\n" if are_two else "\n"
        each = parent
    return "\n\n"


# Not a widget by itself: Textual takes the styles of the first base alone.
if TYPE_CHECKING:
    _Block = MarkdownBlock
else:
    _Block = object


class HoldingBlock(_Block):
    """Adds nothing to what is copied: what is in it does; to be mixed into blocks of blocks."""

    def get_selection(self, selection: Selection) -> None:
        return None


class InlineBlock(_Block):
    """A block with text in lines; to be mixed into the blocks that have some."""

    stands: Sequence[Stand] = ()
    """What in it stands for something else."""

    def build_from_token(self, token: Token) -> None:
        self.take(inline(token.children or ()))

    def take(self, shown: Drawn) -> None:
        self.stands = shown.stands
        self.set_content(shown.content)

    @property
    def shown(self) -> Drawn:
        content = self.content
        return Drawn(content if isinstance(content, Content) else Content(), self.stands)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected(self.shown.content.plain, self.stands, selection), end_below(self)


class ReplyParagraph(InlineBlock, MarkdownParagraph):
    """A paragraph."""
