"""Where folded pastes are in a text area's text, and how edits move them.

A placeholder stands for its paste by where it is, not by how it reads: typed by hand, the same
words are words. An edit takes it whole or not at all.
"""

from typing import NamedTuple

from textual.widgets.text_area import Edit, Location

from shammah_tui.core.conversation.draft import Draft, Pasted


class Fold(NamedTuple):
    """A paste and where its placeholder is, in one line."""

    start: Location
    end: Location
    pasted: Pasted


Folds = tuple[Fold, ...]

Moment = tuple[Folds, int | None, int | None]
"""What a text is besides its characters: folds, the earlier question that is edited, and the place
in the history."""


class Change(Edit):
    """An edit that knows what the text was besides its characters, for undo and redo."""

    moment_before: Moment = ((), None, None)
    moment_after: Moment = ((), None, None)


def lines_alike(text: str) -> str:
    """Return ``text`` with the line ends that a text area knows, as it splits lines at others."""
    if "\n" not in text and len(text.splitlines()) <= 1 and not text.endswith("\r"):
        return text
    lines = text.splitlines(keepends=True)
    return "".join(
        line if line.endswith("\n") and not line.endswith("\r\n") else _with_newline(line)
        for line in lines
    )


def _with_newline(line: str) -> str:
    bare = line.splitlines()[0]
    return bare if bare == line else f"{bare}\n"


def end_of(start: Location, text: str) -> Location:
    """Return where ``text`` ends that begins at ``start``."""
    lines = text.count("\n")
    last = len(text) - text.rfind("\n") - 1
    return (start[0] + lines, last) if lines else (start[0], start[1] + last)


def folds_of(draft: Draft) -> Folds:
    """Return where the placeholders of a draft are in its shown text."""
    at: Location = (0, 0)
    folds: list[Fold] = []
    for piece in draft.pieces:
        if isinstance(piece, str):
            at = end_of(at, piece)
        else:
            end = end_of(at, piece.placeholder)
            folds.append(Fold(at, end, piece))
            at = end
    return tuple(folds)


def around(folds: Folds, top: Location, bottom: Location) -> tuple[Location, Location]:
    """Return the range of an edit, made to hold whole placeholders; what is inserted goes after."""
    is_insertion = top == bottom
    for fold in folds:
        if fold.start < bottom and top < fold.end:
            if is_insertion:
                return fold.end, fold.end
            top, bottom = min(top, fold.start), max(bottom, fold.end)
    return top, bottom


def moved(folds: Folds, top: Location, bottom: Location, text: str) -> Folds:
    """Return the folds after ``text`` has come in place of a range."""
    if not folds:
        return folds
    new = end_of(top, text)

    def shifted(at: Location) -> Location:
        column = new[1] + at[1] - bottom[1] if at[0] == bottom[0] else at[1]
        return at[0] + new[0] - bottom[0], column

    before = [fold for fold in folds if fold.end <= top]
    after = [fold for fold in folds if fold.start >= bottom and fold not in before]
    return (*before, *(Fold(shifted(f.start), shifted(f.end), f.pasted) for f in after))


def inside(folds: Folds, at: Location) -> Fold | None:
    """Return the fold whose placeholder has a place within it, its ends not counted."""
    return next((fold for fold in folds if fold.start < at < fold.end), None)
