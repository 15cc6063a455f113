"""Blocks of Markdown that grow in place.

Textual 8 makes a list or a quotation that grew anew for each piece: with 20 items 110 ms each time,
with 80 items 550 ms. Here what has not changed stays, and only the last paragraph is written to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from shammah_tui.ui.reply.code_lines import CodeLines, title_of, widest
from shammah_tui.ui.reply.reply_inline import HoldingBlock, InlineBlock, ReplyParagraph
from shammah_tui.ui.reply.reply_table import ReplyTable
from shammah_tui.ui.reply.textual_markdown import (
    MarkdownBlockQuote,
    MarkdownBullet,
    MarkdownBulletList,
    MarkdownList,
    MarkdownListItem,
    MarkdownOrderedList,
    MarkdownOrderedListItem,
    made_from,
)

HEADINGS: dict[str, type[MarkdownBlock]] = {
    kind: type(f"Reply{kind.upper()}", (InlineBlock, Markdown.BLOCKS[kind]), {})
    for kind in ("h1", "h2", "h3", "h4", "h5", "h6")
}


class CodeBlock(HoldingBlock, MarkdownFence):
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
        self.code, self.lexer = block.code, block.lexer
        self.set_content(Content())

    def set_content(self, content: Content) -> None:
        self.border_title = title_of(self.lexer)
        for lines in self.query_children(CodeLines):
            lines.show(self.code, self.lexer)

    def compose(self) -> ComposeResult:
        self.border_title = title_of(self.lexer)
        yield CodeLines(self.code, self.lexer)

    def action_scroll_code_end(self) -> None:
        self.scroll_to(x=self.max_scroll_x)


class GrowingQuote(HoldingBlock, MarkdownBlockQuote):
    """A quotation to which more is added."""


class ListLine(ReplyParagraph):
    """An item that is one paragraph: its sign stands in the room to its left.

    Textual takes four widgets for it, which is most of what a picture with a list costs.
    """

    DEFAULT_CSS = """
    ListLine {
        .list-line--sign { color: $text-primary; }
        &:light .list-line--sign { color: $text-secondary; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"list-line--sign"}

    def __init__(self, sign: str, paragraph: ReplyParagraph) -> None:
        super().__init__(*made_from(paragraph))
        self.take(paragraph.shown)
        self.sign = ""
        self.show_sign(sign)

    def show_sign(self, sign: str) -> None:
        if sign != self.sign:
            self.sign = sign
            self.styles.padding = (0, 0, 0, len(sign))
            self.refresh(layout=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the text, and the sign before its first line."""
        strips = super().render_lines(crop)
        shown = self.sign[crop.x : crop.right]
        # Once it was taken away, it has no style for its sign any more.
        if crop.y == 0 and strips and shown and self.parent is not None:
            sign = Strip([Segment(shown, self.get_component_rich_style("list-line--sign"))])
            return [Strip.join([sign, strips[0].crop(len(shown))]), *strips[1:]]
        return strips


class _GrowingList(HoldingBlock):
    def compose(self) -> ComposeResult:
        items = _items_of(self)
        yield from (_row(sign, item) for sign, item in zip(_signs(items), items, strict=True))


class GrowingBulletList(_GrowingList, MarkdownBulletList):
    """A list to which items are added."""


class GrowingOrderedList(_GrowingList, MarkdownOrderedList):
    """A numbered list to which items are added."""


class _Sign(MarkdownBullet):
    """What stands before an item, be that empty; it is no part of the text."""

    DEFAULT_CSS = """
    _Sign { min-height: 1; }
    """

    ALLOW_SELECT = False

    def get_selection(self, _selection: Selection) -> None:
        """Add nothing to what is copied, also where everything is selected by a key."""


def _blocks_in(block: MarkdownBlock) -> list[MarkdownBlock]:
    """Take the blocks out of one that is not mounted."""
    return [each for each in MarkdownBlock.compose(block) if isinstance(each, MarkdownBlock)]


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a list that is not mounted, and what is in it."""

    block: MarkdownListItem
    blocks: Sequence[MarkdownBlock]

    @property
    def line(self) -> ReplyParagraph | None:
        first = self.blocks[0] if len(self.blocks) == 1 else None
        return first if type(first) is ReplyParagraph else None


def _items_of(block: MarkdownBlock) -> list[_Item]:
    items = (each for each in _blocks_in(block) if isinstance(each, MarkdownListItem))
    return [_Item(each, _blocks_in(each)) for each in items]


def _row(sign: str, item: _Item) -> Widget:
    if item.line is not None:
        return ListLine(sign, item.line)
    bullet = _Sign()
    bullet.symbol = sign
    return Horizontal(bullet, Vertical(*item.blocks))


async def _grow_list(shown: MarkdownList, new: MarkdownList) -> None:
    items = _items_of(new)
    signs = _signs(items)
    rows = list(shown.children)
    for row, sign, item in zip(rows, signs, items, strict=False):
        if (item.line is None) is isinstance(row, ListLine):
            await shown.mount(_row(sign, item), after=row)
            await row.remove()
        elif isinstance(row, ListLine) and item.line is not None:
            row.show_sign(sign)
            if not _looks_same(row, item.line):
                row.take(item.line.shown)
        else:
            bullet, column = row.children
            assert isinstance(bullet, MarkdownBullet)
            if bullet.symbol != sign:
                bullet.symbol = sign
                bullet.refresh(layout=True)
            await grow(column, list(column.children), item.blocks)
    for row in rows[len(items) :]:
        await row.remove()
    if len(items) > len(rows):
        more = list(zip(signs, items, strict=True))[len(rows) :]
        await shown.mount_all([_row(sign, item) for sign, item in more])


def _signs(items: Sequence[_Item]) -> list[str]:
    """Return what stands before each item: bullets, or numbers under one another."""
    bullets = [item.block.bullet for item in items]
    if not items or not isinstance(items[0].block, MarkdownOrderedListItem):
        return bullets
    if bullets[0].startswith("["):
        return [f"{bullet} " for bullet in bullets]
    own = [int(bullet) if bullet.isdecimal() else 1 for bullet in bullets]
    # As written where each is above the one before (answers 1, 3, 7), else counted: 1, 1, 1.
    is_rising = all(one < other for one, other in pairwise(own))
    counted = own if is_rising else range(own[0], own[0] + len(items))
    numbers = [f"{number}. " for number in counted]
    width = max(map(len, numbers)) + 1
    return [number.rjust(width) for number in numbers]


async def grow(parent: Widget, children: Sequence[Widget], blocks: Sequence[MarkdownBlock]) -> None:
    """Have the last ``children`` of ``parent`` become ``blocks``, which are not mounted."""
    shown = [child for child in children if isinstance(child, MarkdownBlock)]
    for old, new in zip(shown, blocks, strict=False):
        old.source_range = new.source_range
        if _is_same(old, new):
            continue
        match old, new:
            case InlineBlock(), InlineBlock() if type(old) is type(new):
                old.take(new.shown)
            case CodeBlock(), CodeBlock():
                old.become(new)
            case ReplyTable(), ReplyTable():
                old.become(new)
            case MarkdownList(), MarkdownList() if type(old) is type(new):
                await _grow_list(old, new)
            case GrowingQuote(), GrowingQuote():
                await grow(old, list(old.children), _blocks_in(new))
            case _:
                # As Textual does it, the new one would come to the end of the whole text.
                await parent.mount(new, after=old)
                await old.remove()
    for old in shown[len(blocks) :]:
        await old.remove()
    if len(blocks) > len(shown):
        await parent.mount_all(blocks[len(shown) :])


def _is_same(old: MarkdownBlock, new: MarkdownBlock) -> bool:
    """Return whether two blocks without blocks in them look the same."""
    if type(old) is not type(new):
        return False
    match old, new:
        case ((MarkdownList() | MarkdownBlockQuote()), _):
            return False
        case CodeBlock(), CodeBlock():
            return (old.code, old.lexer) == (new.code, new.lexer)
        case InlineBlock(), InlineBlock():
            return _looks_same(old, new) and list(old.stands) == list(new.stands)
        case ReplyTable(), ReplyTable():
            return old.looks_as(new)
        case _:
            return _looks_same(old, new)


def _looks_same(old: MarkdownBlock, new: MarkdownBlock) -> bool:
    match old.content, new.content:
        case Content() as before, Content() as after:
            return (before.plain, before.spans) == (after.plain, after.spans)
        case before, after:
            return before == after
