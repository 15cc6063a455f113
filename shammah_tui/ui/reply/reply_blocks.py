"""Blocks of Markdown that grow in place.

Textual 8 makes a list or a quotation that grew anew for each piece: with 20 items 110 ms each time,
with 80 items 550 ms. Here what has not changed stays, and only the last paragraph is written to.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._markdown import (
    MarkdownBlock,
    MarkdownBlockQuote,
    MarkdownBullet,
    MarkdownBulletList,
    MarkdownFence,
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
)

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

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        if isinstance(block, GrowingQuote):
            self._copy_context(block)
            await grow(self, list(self.children), block._blocks)
        else:
            await super()._update_from_block(block)


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
        super().__init__(paragraph._markdown, paragraph._token)
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
        """A row for each item."""
        yield from _rows(self._blocks)
        self._blocks.clear()

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        if isinstance(block, GrowingBulletList):
            await _grow_list(self, block)
        else:
            await super()._update_from_block(block)


class GrowingOrderedList(MarkdownOrderedList):
    """A numbered list to which items are added."""

    def compose(self) -> ComposeResult:
        """A row for each item."""
        yield from _rows(self._blocks)
        self._blocks.clear()

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied: what is in it does."""

    async def _update_from_block(self, block: MarkdownBlock) -> None:
        if isinstance(block, GrowingOrderedList):
            await _grow_list(self, block)
        else:
            await super()._update_from_block(block)


class _Sign(MarkdownBullet):
    """What stands before an item, be that empty; it is no part of the text."""

    DEFAULT_CSS = """
    _Sign { min-height: 1; }
    """

    ALLOW_SELECT = False

    def get_selection(self, _selection: Selection) -> None:
        """Add nothing to what is copied, also where everything is selected by a key."""


def _rows(blocks: Sequence[MarkdownBlock]) -> list[Widget]:
    items = [block for block in blocks if isinstance(block, MarkdownListItem)]
    return [_row(sign, item) for sign, item in zip(_signs(items), items, strict=True)]


def _is_line(item: MarkdownListItem) -> bool:
    return [type(block) for block in item._blocks] == [ReplyParagraph]


def _row(sign: str, item: MarkdownListItem) -> Widget:
    first = item._blocks[0] if item._blocks else None
    if _is_line(item) and isinstance(first, ReplyParagraph):
        return ListLine(sign, first)
    bullet = _Sign()
    bullet.symbol = sign
    return Horizontal(bullet, Vertical(*item._blocks))


async def _grow_list(shown: MarkdownList, new: MarkdownList) -> None:
    shown._copy_context(new)
    items = [block for block in new._blocks if isinstance(block, MarkdownListItem)]
    signs = _signs(items)
    rows = list(shown.children)
    for row, sign, item in zip(rows, signs, items, strict=False):
        if _is_line(item) != isinstance(row, ListLine):
            await shown.mount(_row(sign, item), after=row)
            await row.remove()
        elif isinstance(row, ListLine):
            row.show_sign(sign)
            first = item._blocks[0]
            if isinstance(first, ReplyParagraph) and not _looks_same(row, first):
                row.take(first.shown)
        else:
            bullet, column = row.children
            assert isinstance(bullet, MarkdownBullet)
            if bullet.symbol != sign:
                bullet.symbol = sign
                bullet.refresh(layout=True)
            await grow(column, list(column.children), item._blocks)
    for row in rows[len(items) :]:
        await row.remove()
    if len(items) > len(rows):
        more = list(zip(signs, items, strict=True))[len(rows) :]
        await shown.mount_all([_row(sign, item) for sign, item in more])


def _signs(items: Sequence[MarkdownListItem]) -> list[str]:
    """Return what stands before each item: bullets, or numbers under one another."""
    if not items or not isinstance(items[0], MarkdownOrderedListItem):
        return [item.bullet for item in items]
    if items[0].bullet.startswith("["):
        return [f"{item.bullet} " for item in items]
    own = [int(item.bullet) if item.bullet.isdecimal() else 1 for item in items]
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
        if type(old) is type(new) and isinstance(old, _UPDATED_IN_PLACE):
            await old._update_from_block(new)
        else:
            # As Textual does it, the new one would come to the end of the whole text.
            await parent.mount(new, after=old)
            await old.remove()
    for old in shown[len(blocks) :]:
        await old.remove()
    if len(blocks) > len(shown):
        await parent.mount_all(blocks[len(shown) :])


_UPDATED_IN_PLACE = (
    GrowingBulletList,
    GrowingOrderedList,
    GrowingQuote,
    InlineBlock,
    MarkdownFence,
    ReplyTable,
)


def _is_same(old: MarkdownBlock, new: MarkdownBlock) -> bool:
    """Return whether two blocks without blocks in them look the same."""
    if type(old) is not type(new):
        return False
    match old, new:
        case ((MarkdownList() | MarkdownBlockQuote()), _):
            return False
        case MarkdownFence(), MarkdownFence():
            return (old.code, old.lexer) == (new.code, new.lexer)
        case InlineBlock(), InlineBlock():
            return _looks_same(old, new) and list(old.stands) == list(new.stands)
        case ReplyTable(), ReplyTable():
            return old.looks_as(new)
        case _:
            return _looks_same(old, new)


def _looks_same(old: MarkdownBlock, new: MarkdownBlock) -> bool:
    before, after = old._content, new._content
    return (before.plain, before.spans) == (after.plain, after.spans)
