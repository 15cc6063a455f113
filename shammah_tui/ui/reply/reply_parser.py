"""Markdown as replies are read: what models write is shown, and not lost as in a web page.

It differs from GitHub's Markdown in this: HTML is text, ``&lt;`` too; formulas are kept; a fence of
Markdown holds fences; a bar in inline code or in a formula does not split a cell, and no cell is
left out; ``5*2`` and ``__init__`` are no emphasis; two backslashes are two; only a single line is
underlined as a heading; definitions of links and footnotes are shown where they stand.

Importing it costs 20 ms: only whoever has a reply does. Over 400 lines: one small rule for each
of these differences.
"""

import re
from collections.abc import Callable, MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, lheading
from markdown_it.rules_block.reference import reference
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_def

from shammah_tui.ui.reply.fence_stream import end_of_fence
from shammah_tui.ui.reply.math_text import block_end, ends_block, formula_at

BREAK = "line_break"
"""Type of the token of a ``<br>``, which is one in a table and text elsewhere."""
MATH = "math"
"""Type of the token of a formula; its content is the source with what is around it."""
FOOTNOTE = "footnote_ref"

_UNPAIRED = frozenset({"\\[", "\\]", "\\(", "\\)"})
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WEB = re.compile(r"<((?:https?|ftp)://[^<>\s]+|mailto:[^<>\s]+@[^<>\s]+)>", re.IGNORECASE)
_LETTER = re.compile(r"<([\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
_FOOTNOTE = re.compile(r"\[\^([^\s\[\]]+)\]")
_SOURCE = re.compile(r"\[[^\[\]]+\]:\s*<?https?://\S", re.IGNORECASE)
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})[ \t]*")
_AS_WRITTEN = re.compile(
    r"""\\[\\,/:;=?@^%'"]|([_*])\1{3,}|(?<!\d)\\\.|(?<![^\W_])__[a-z0-9]+(?:_[a-z0-9]+)*__(?!\w)"""
)
"""Backslashes that are none of Markdown's, as in a path or before a dot, and ``__init__``;
blanks of a form, ``____/____``."""
_DELIMITERS = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


@cache
def reply_parser() -> "ReplyParser":
    """Return the one parser: to make it takes 0.4 ms, and a reply has hundreds of pieces."""
    return ReplyParser()


class ReplyParser(MarkdownIt):
    """Reads the Markdown of replies."""

    def __init__(self) -> None:
        options = {"html": False, "inline_definitions": True, "store_labels": True}
        super().__init__("gfm-like", options)
        block, inline = self.block.ruler, self.inline.ruler
        everywhere: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
        block.at("fence", _fence, everywhere)
        block.at("table", _table, {"alt": ["paragraph", "reference"]})
        block.at("reference", _reference, {"alt": ["paragraph"]})
        block.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
        block.at("lheading", _underlined)
        block.before("fence", MATH, _math_block, everywhere)
        inline.disable("entity")
        inline.at("newline", _newline)
        inline.at("autolink", _autolink)
        inline.at("emphasis", _emphasis)
        inline.before("escape", "as_written", _taking(_AS_WRITTEN, "text"))
        inline.before("as_written", MATH, _math)
        inline.before("autolink", BREAK, _taking(_BREAK, BREAK))
        inline.before("link", FOOTNOTE, _footnote_ref)
        self.core.ruler.push("definitions", _show_definitions)

    def normalizeLinkText(self, url: str) -> str:  # noqa: N802 - as the base class calls it
        """Return a bare address as it was written."""
        return url


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _lines_inside(state: StateBlock, start: int, end: int) -> list[str]:
    """Return the lines from ``start`` on that belong to the same list item or quotation."""
    lines: list[str] = []
    for number in range(start, end):
        line = _line(state, number)
        if line and state.sCount[number] < state.blkIndent:
            break
        # Further to the right than a fence may stand.
        is_code = state.sCount[number] - state.blkIndent >= 4
        lines.append(f"\0{line}" if is_code else line)
    return lines


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = re.fullmatch(r"(`{3,}(?=[^`]*$)|~{3,})(.*)", _line(state, start))
    if found is None or state.is_code_block(start):
        return False
    if silent:
        return True
    marker, info = found.groups()
    lines = _lines_inside(state, start + 1, end)
    last = end_of_fence(marker, info, lines)
    below = start + 1 + (len(lines) if last is None else last)
    state.line = below + (last is not None)
    token = state.push("fence", "code", 0)
    token.info, token.markup = info, marker
    token.content = state.getLines(start + 1, below, state.sCount[start], True)
    token.map = [start, state.line]
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    closing = block_end(_line(state, start))
    if closing is None or state.is_code_block(start):
        return False
    if silent and closing.startswith("\\end"):
        # In a paragraph it stands in a formula that has begun already.
        return False
    for number in range(start, end):
        line = _line(state, number)
        if not line or state.sCount[number] < state.blkIndent:
            return False
        if ends_block(line, closing, is_first=number == start):
            break
    else:
        return False
    if number == start and not line.rstrip().endswith(closing):
        # A sentence that begins with a formula.
        return False
    if silent:
        return True
    state.line = number + 1
    state.push("paragraph_open", "p", 1).map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
    token.map, token.children = [start, state.line], []
    state.push("paragraph_close", "p", -1)
    return True


def _underlined(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """One line above three signs: ``--`` begins a signature, and a rule may follow a poem."""
    is_one = start + 1 < end and _UNDERLINE.fullmatch(_line(state, start + 1)) is not None
    return is_one and lheading(state, start, end, silent)


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    known = set(state.env.get("references", {}))
    if silent and not _SOURCE.match(_line(state, start)):
        # Right below a line of text, only what surely is one.
        return False
    if not reference(state, start, end, silent):
        return False
    if not silent and state.line > state.env.get("whole_lines", state.line):
        # The address may go on: it counts once its line is over.
        found = state.env["references"]
        for label in found.keys() - known:
            del found[label]
    return True


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    found = _FOOTNOTE.match(state.src, state.pos, state.posMax)
    known = state.env.get("footnotes", {}).get("refs", {})
    if found is None or f":{found[1]}" not in known:
        return False
    if not silent:
        token = state.push(FOOTNOTE, "", 0)
        token.content = f"[{found[1]}]"
    state.pos = found.end()
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent:
        return False
    if state.is_code_block(start) or state.is_code_block(start + 1):
        return False
    head, rule = _line(state, start).strip(), _line(state, start + 1).strip()
    if "|" not in head or not _DELIMITERS.fullmatch(rule) or not ({"|", ":"} & set(rule)):
        return False
    aligns = [_align(each.strip()) for each in rule.strip("|").split("|")]
    headers = _cells(head)
    if len(headers) != len(aligns):
        headers = _cells(head, knows_code=False, knows_math=False)
    if len(headers) != len(aligns):
        return False
    if silent:
        return True
    token = state.push("table_open", "table", 1)
    token.map = lines = [start, 0]
    _row(state, start, headers, aligns)
    terminators = state.md.block.ruler.getRules("blockquote")
    number = start + 2
    while number < end and state.sCount[number] >= state.blkIndent:
        line = _line(state, number).strip()
        if "|" not in line or state.is_code_block(number):
            break
        if any(rule(state, number, end, True) for rule in terminators):
            break
        cells = _cells(line)
        if len(cells) < len(aligns) == len(bare := _cells(line, knows_math=False)):
            cells = bare
        if len(cells) > len(aligns):
            cells[len(aligns) - 1 :] = [" | ".join(cells[len(aligns) - 1 :])]
        _row(state, number, [*cells, *[""] * (len(aligns) - len(cells))])
        number += 1
    state.push("table_close", "table", -1)
    lines[1] = state.line = number
    return True


def _align(rule: str) -> str:
    if rule.endswith(":"):
        return "center" if rule.startswith(":") else "right"
    return "left"


def _row(
    state: StateBlock, number: int, cells: Sequence[str], aligns: Sequence[str] | None = None
) -> None:
    state.push("tr_open", "tr", 1).map = [number, number + 1]
    for column, cell in enumerate(cells):
        if aligns is not None:
            state.push("th_open", "th", 0).attrs = {"style": f"text-align:{aligns[column]}"}
        token = state.push("inline", "", 0)
        token.map, token.content, token.children = [number, number + 1], cell, []
    state.push("tr_close", "tr", -1)


def _cells(row: str, *, knows_code: bool = True, knows_math: bool = True) -> list[str]:
    """Return what is between the bars of a row, but for escaped ones, those in code and math."""
    cells, current, at = [], "", 0
    while at < len(row):
        if row.startswith("\\|", at):
            current, at = f"{current}|", at + 2
        elif row[at] == "`" and knows_code:
            run = len(row) - at - len(row[at:].lstrip("`"))
            span = re.compile(rf"(?<!`)`{{{run}}}(?!`)").search(row, at + run)
            end = at + run if span is None else span.end()
            current, at = current + row[at:end].replace("\\|", "|"), end
        elif row[at] in "\\$" and knows_math and (after := formula_at(row, at, len(row))):
            current, at = current + row[at:after], after
        elif row[at] == "|":
            cells.append(current.strip())
            current, at = "", at + 1
        elif row[at] == "\\":
            current, at = current + row[at : at + 2], at + 2
        else:
            current, at = current + row[at], at + 1
    if current.strip():
        cells.append(current.strip())
    return cells[1:] if row.startswith("|") else cells


def _newline(state: StateInline, silent: bool) -> bool:
    """A line's end is one, and what the next line is indented by stays."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        state.push("softbreak", "br", 0)
    state.pos += 1
    return True


def _math(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "\\$":
        return False
    end = formula_at(state.src, state.pos, state.posMax)
    if end is None:
        if state.src[state.pos : state.pos + 2] not in _UNPAIRED:
            return False
        # A formula that is not over, or that a list has broken up.
        end = state.pos + 2
    if not silent:
        state.push(MATH, "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _taking(pattern: re.Pattern[str], kind: str) -> Callable[[StateInline, bool], bool]:
    """Return a rule that takes what a pattern matches for one token, as it is written."""

    def rule(state: StateInline, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            state.push(kind, "", 0).content = found[0]
        state.pos = found.end()
        return True

    return rule


def _autolink(state: StateInline, silent: bool) -> bool:
    """Only what surely is an address, since ``<std::string>`` could be one by its form."""
    web = _WEB.match(state.src, state.pos, state.posMax)
    found = web or _LETTER.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    address = state.md.normalizeLink(found[1] if web else f"mailto:{found[1]}")
    if not state.md.validateLink(address):
        return False
    if not silent:
        if not web:
            state.append_pending("<")
        token = state.push("link_open", "a", 1)
        token.attrs, token.markup, token.info = {"href": address}, "autolink", "auto"
        state.push("text", "", 0).content = found[1]
        state.push("link_close", "a", -1).info = "auto"
        if not web:
            state.append_pending(">")
    state.pos = found.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """As in CommonMark, but ``5*2``, ``a*b`` and ``2**3`` begin no emphasis."""
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(state.pos, marker == "*")
    around = state.src[state.pos - 1 : state.pos] if state.pos else ""
    after = state.src[state.pos + scanned.length : state.pos + scanned.length + 1]
    can_open = scanned.can_open
    if marker == "*" and _is_word(around) and _is_word(after):
        has_digit = any(each.isdigit() for each in around + after)
        can_open = can_open and scanned.length > 1 and not has_digit
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=scanned.can_close,
            )
        )
    state.pos += scanned.length
    return True


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _show_definitions(state: StateCore) -> None:
    """Have definitions of links and footnotes be lists, so that their addresses can be read."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "definition":
            _open_item(tokens, token, f"[{token.meta['label']}]")
            address = _address(token.meta["url"], token.meta["title"])
            tokens += [
                _token("paragraph_open", 1, token.level + 2),
                _token("inline", 0, token.level + 3, children=address),
                _token("paragraph_close", -1, token.level + 2),
            ]
            _close_item(tokens, token.level)
        elif token.type == "footnote_reference_open":
            _open_item(tokens, token, f"[{token.meta['label']}]")
        elif token.type == "footnote_reference_close":
            _close_item(tokens, token.level)
        else:
            tokens.append(token)
    state.tokens = tokens


def _token(kind: str, nesting: Any, level: int, **fields: Any) -> Token:
    return Token(kind, "", nesting, level=level, **fields)


def _open_item(tokens: list[Token], token: Token, sign: str) -> None:
    last = tokens[-1] if tokens else None
    if last is not None and last.type == "ordered_list_close" and last.meta.get("definitions"):
        # One list of all that follow each other.
        tokens.pop()
        opening = last.meta["definitions"]
        opening.map = [opening.map[0], token.map[1]] if token.map and opening.map else opening.map
    else:
        opening = _token("ordered_list_open", 1, token.level, map=token.map)
        tokens.append(opening)
    tokens.append(_token("list_item_open", 1, token.level + 1, info=sign, meta={"list": opening}))


def _close_item(tokens: list[Token], level: int) -> None:
    opening = next(each.meta["list"] for each in reversed(tokens) if each.meta.get("list"))
    tokens.append(_token("list_item_close", -1, level + 1))
    tokens.append(_token("ordered_list_close", -1, level, meta={"definitions": opening}))


def _address(url: str, title: str) -> list[Token]:
    return [
        _token("link_open", 1, 0, attrs={"href": url}),
        _token("text", 0, 1, content=url),
        _token("link_close", -1, 0),
        *([_token("text", 0, 0, content=f" {title}")] if title else []),
    ]


def environment(
    references: MutableMapping[str, Any], footnotes: set[str], whole_lines: int
) -> dict[str, Any]:
    """Return what one parse knows and learns.

    Args:
        references: Definitions of links in the rest of the reply.
        footnotes: Footnotes defined there.
        whole_lines: How many of the lines are over.
    """
    return {
        "references": dict(references),
        "footnotes": {"refs": {f":{name}": -1 for name in footnotes}},
        "whole_lines": whole_lines,
    }
