"""A piece of a text around what was searched for, with the places of the hits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.search_query import SearchQuery, Word, is_part, words_of
from shammah_tui.core.text.plain_text import plain

EXCERPT_CHARACTERS = 160
_BEFORE_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of a message, ``…`` where something was left out.

    ``marks`` are start and end of each hit in ``text``, in characters, in order, not overlapping.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def excerpt_of(text: str, query: SearchQuery, characters: int = EXCERPT_CHARACTERS) -> Excerpt:
    """Return about ``characters`` of ``text`` around the first hit; its beginning without one."""
    spans = _spans(text, query, characters) if query.phrases or query.literals else []
    first = spans[0][0] if spans else 0
    start = _start(text, first, characters)
    end = min(len(text), start + characters)
    if end < len(text):
        end = _last_space(text, max(start + 1, first + 1), end)
    lead = "…" if text[:start].strip() else ""
    tail = "…" if text[end:].strip() else ""
    body = "".join(each if plain(each) == each else " " for each in text[start:end])
    shift = len(lead) - start
    marks = tuple((a + shift, min(b, end) + shift) for a, b in spans if a >= start and a < end)
    return Excerpt(f"{lead}{body}{tail}", marks)


def hits_in(text: str, query: SearchQuery) -> list[tuple[int, int]]:
    """Return where in a text everything stands that is asked for, in order, not overlapping."""
    return _spans(text, query, len(text)) if query.phrases or query.literals else []


def _spans(text: str, query: SearchQuery, characters: int) -> list[tuple[int, int]]:
    """Return where the phrases are, as far as an excerpt around the first of them reaches."""
    found = _literal_spans(text, query, characters)
    seen: list[Word] = []
    for word in words_of(text) if query.phrases else ():
        if found and word.start > min(found)[0] + characters:
            break
        seen.append(word)
        for phrase in query.phrases:
            is_open = query.is_last_open and phrase is query.phrases[-1]
            if _ends_with(seen, phrase, is_open):
                found.append((seen[-len(phrase)].start, word.end))
            elif is_part(phrase) and phrase[0] in word.text:
                found.append(_part_of(word, phrase[0]))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _literal_spans(text: str, query: SearchQuery, characters: int) -> list[tuple[int, int]]:
    spans = []
    for literal in query.literals:
        for match in re.finditer(re.escape(literal), text, re.IGNORECASE):
            spans.append(match.span())
            if match.start() > spans[0][0] + characters:
                break
    return spans


def _part_of(word: Word, part: str) -> tuple[int, int]:
    """Return where a part of a word stands; all of it where folding has changed its length."""
    if len(word.text) != word.end - word.start:
        return word.start, word.end
    start = word.start + word.text.index(part)
    return start, start + len(part)


def _ends_with(seen: Sequence[Word], phrase: tuple[str, ...], is_open: bool) -> bool:
    last = seen[-1].text
    if last != phrase[-1] and not (is_open and last.startswith(phrase[-1])):
        return False
    before = phrase[:-1]
    if len(before) >= len(seen):
        return False
    return all(
        word.text == wanted for word, wanted in zip(seen[-len(phrase) :], before, strict=False)
    )


def _start(text: str, first: int, characters: int) -> int:
    if first <= _BEFORE_CHARACTERS or len(text) <= characters:
        return 0
    start = first - _BEFORE_CHARACTERS
    space = next((at for at in range(start, first) if text[at].isspace()), None)
    return start if space is None else space + 1


def _last_space(text: str, lowest: int, end: int) -> int:
    if text[end].isspace():
        return end
    space = next((at for at in range(end - 1, lowest, -1) if text[at].isspace()), None)
    # In a script without spaces, or in a long word, the cut falls where it falls.
    return end if space is None or end - space > _BEFORE_CHARACTERS else space


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One message, or one conversation by its title: then ``message_id`` and ``role`` are None.

    ``created_ms`` is when it was said; for a title, when something was last said there.
    """

    conversation_id: int
    title: str
    message_id: int | None
    role: Role | None
    label: str
    created_ms: int
    excerpt: Excerpt
