"""What is used of Textual's Markdown without being public there; see ``textual_privates.py``."""

from collections.abc import Sequence

from markdown_it.token import Token
from textual.widgets._markdown import (
    Markdown,
    MarkdownBlock,
    MarkdownBlockQuote,
    MarkdownBullet,
    MarkdownBulletList,
    MarkdownList,
    MarkdownListItem,
    MarkdownOrderedList,
    MarkdownOrderedListItem,
    MarkdownParagraph,
)

__all__ = (
    "MarkdownBlock",
    "MarkdownBlockQuote",
    "MarkdownBullet",
    "MarkdownBulletList",
    "MarkdownList",
    "MarkdownListItem",
    "MarkdownOrderedList",
    "MarkdownOrderedListItem",
    "MarkdownParagraph",
    "blocks_from",
    "made_from",
    "set_source",
)


def set_source(markdown: Markdown, text: str) -> None:
    """Give a Markdown widget its text without having it parsed."""
    markdown._markdown = text


def blocks_from(markdown: Markdown, tokens: Sequence[Token]) -> list[MarkdownBlock]:
    """Return the blocks that tokens of a Markdown widget's parser make."""
    return list(markdown._parse_markdown(tokens))


def made_from(block: MarkdownBlock) -> tuple[Markdown, Token]:
    """Return the widget that a block is for, and the token that it was made from."""
    return block._markdown, block._token
