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
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets.markdown import MarkdownBlock

from shammah_tui.ui.frame.textual_privates import (
    MarkdownBlockQuote,
    MarkdownBullet,
    MarkdownBulletList,
    MarkdownH1,
    MarkdownH2,
    MarkdownH3,
    MarkdownH4,
    MarkdownH5,
    MarkdownH6,
    MarkdownList,
    MarkdownListItem,
    MarkdownOrderedList,
    MarkdownOrderedListItem,
    made_from,
)
from shammah_tui.ui.reply.code_block import CodeBlock
from shammah_tui.ui.reply.reply_inline import InlineBlock, ReplyParagraph
from shammah_tui.ui.reply.reply_table import ReplyTable


class ReplyH1(InlineBlock, MarkdownH1):
    """A heading; at the left, where the eye is."""

    DEFAULT_CSS = """
    ReplyH1 { content-align: left middle; }
    """


class ReplyH2(InlineBlock, MarkdownH2):
    """A heading."""


class ReplyH3(InlineBlock, MarkdownH3):
    """A heading."""


class ReplyH4(InlineBlock, MarkdownH4):
    """A heading."""


class ReplyH5(InlineBlock, MarkdownH5):
    """A heading."""


class ReplyH6(InlineBlock, MarkdownH6):
    """A heading."""


HEADINGS: dict[str, type[MarkdownBlock]] = {
    "h1": ReplyH1,
    "h2": ReplyH2,
    "h3": ReplyH3,
    "h4": ReplyH4,
    "h5": ReplyH5,
    "h6": ReplyH6,
}


class GrowingQuote(MarkdownBlockQuote):
    """A quotation to which more is added."""

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""


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
        """Put another sign before the text."""
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


class GrowingBulletList(MarkdownBulletList):
    """A list to which items are added."""

    def compose(self) -> ComposeResult:
        items = _items_of(self)
        yield from (_row(sign, item) for sign, item in zip(_signs(items), items, strict=True))

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""


class GrowingOrderedList(MarkdownOrderedList):
    """A numbered list to which items are added."""

    def compose(self) -> ComposeResult:
        items = _items_of(self)
        yield from (_row(sign, item) for sign, item in zip(_signs(items), items, strict=True))

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""


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
        """The paragraph, where that is all there is."""
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
