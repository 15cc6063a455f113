"""Markdown as replies need it. Importing it costs 50 ms: only whoever shows a reply does."""

import re
from dataclasses import dataclass, field
from typing import Any

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from textual.await_complete import AwaitComplete
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from shammah_tui.ui.reply.reply_blocks import (
    HEADINGS,
    CodeBlock,
    GrowingBulletList,
    GrowingOrderedList,
    GrowingQuote,
    grow,
)
from shammah_tui.ui.reply.reply_inline import ReplyParagraph
from shammah_tui.ui.reply.reply_parser import environment, reply_parser
from shammah_tui.ui.reply.reply_table import TABLE, ReplyTable, fold_tables
from shammah_tui.ui.reply.textual_markdown import MarkdownList, blocks_from, set_source

_LABEL = re.compile(r"\[(\^?[^\[\]]+)\]")


@dataclass
class Definitions:
    """Links, as the parser keeps them, and footnotes that are defined anywhere in one reply."""

    references: dict[str, Any] = field(default_factory=dict)
    footnotes: set[str] = field(default_factory=set)

    def learn(self, environment: dict[str, Any]) -> set[str]:
        """Take what a parse has found; return the labels that are new."""
        links: dict[str, Any] = environment["references"]
        notes = {name.removeprefix(":") for name in environment["footnotes"]["refs"]}
        new = set(links.keys() - self.references.keys())
        new |= {normalizeReference(f"^{name}") for name in notes - self.footnotes}
        self.references.update({label: links[label] for label in new & links.keys()})
        self.footnotes |= notes
        return new


class ReplyMarkdown(Markdown):
    """A passage of a reply, in which every link shows where it leads.

    What is added is parsed from the last block on that it may still change: that is the last one,
    and the one before it as long as the last line has no end, since that may yet belong to it.

    Attributes:
        is_folded: Whether its blocks are left out of the layout; it stays as high as it was.
    """

    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012 - as the base class declares it
        **Markdown.BLOCKS,
        **HEADINGS,
        "paragraph_open": ReplyParagraph,
        "fence": CodeBlock,
        "code_block": CodeBlock,
        "bullet_list_open": GrowingBulletList,
        "ordered_list_open": GrowingOrderedList,
        "blockquote_open": GrowingQuote,
    }

    def __init__(self, definitions: Definitions | None = None) -> None:
        super().__init__(open_links=False, parser_factory=reply_parser)
        self._definitions = definitions or Definitions()
        self.new_labels: set[str] = set()
        self._stable = 0
        self._line = 0
        self._whole_lines = 0
        self._labels: tuple[int, set[str]] = 0, set()
        self.is_folded = False

    def unhandled_token(self, token: Token) -> MarkdownBlock | None:
        return ReplyTable(self, token) if token.type == TABLE else None

    def append(self, markdown: str) -> AwaitComplete:
        set_source(self, self.source + markdown)
        return AwaitComplete(self._parse_on())

    def parse_anew(self) -> AwaitComplete:
        """Read all of it once more: what it is in, or what is defined, has changed."""
        self._stable = self._line = 0
        return AwaitComplete(self._parse_on(is_anew=True))

    def mentions(self, labels: set[str]) -> bool:
        size = len(self.source)
        if self._labels[0] != size:
            found = {normalizeReference(each) for each in _LABEL.findall(self.source)}
            self._labels = size, found
        return not self._labels[1].isdisjoint(labels)

    async def _parse_on(self, *, is_anew: bool = False) -> None:
        async with self.lock:
            lines = self.source.splitlines(keepends=True)[self._line :]
            unstable = list(self.children)[self._stable :]
            table = unstable[0] if unstable and not is_anew else None
            skipped = 0
            if isinstance(table, ReplyTable) and lines[0].strip():
                # Rows that were over stay as they are: only those after them are parsed.
                skipped = max(0, min(self._whole_lines - 2, len(table.rows)))
                lines[2 : 2 + skipped] = []
            is_over = not lines or lines[-1].endswith("\n")
            known = self._definitions
            whole = len(lines) - (not is_over)
            env = environment(known.references, known.footnotes, whole)
            tokens = fold_tables(reply_parser().parse("".join(lines), env))
            self.new_labels |= known.learn(env)
            starts = [each.map[0] for each in tokens if each.map and not each.level]
            blocks = blocks_from(self, tokens)
            assert len(starts) == len(blocks)
            for block in blocks:
                start, end = block.source_range
                block.source_range = start + self._line + skipped, end + self._line + skipped
            with self.app.batch_update():
                await self._show(unstable, blocks, skipped)
            final = len(blocks) - 1
            if final > 0 and not is_over and starts[final] >= len(lines) - 1:
                final -= 1
            over = starts[final] + skipped if final > 0 else 0
            self._stable += max(0, final)
            self._line += over
            self._whole_lines = whole + skipped - over

    async def _show(self, unstable: list[Any], blocks: list[MarkdownBlock], skipped: int) -> None:
        if not skipped:
            await grow(self, unstable, blocks)
            return
        table, more = unstable[0], blocks[0]
        assert isinstance(table, ReplyTable) and isinstance(more, ReplyTable)
        table.replace(skipped, more.rows)
        await grow(self, unstable[1:], blocks[1:])

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
