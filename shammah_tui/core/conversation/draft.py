"""What stands in the composer, as a value: typed text, and pastes that are shown folded."""

from collections.abc import Iterable, Sequence

FOLD_LINES = 10
FOLD_CHARACTERS = 1_000
"""A paste of more lines or characters than this is folded."""

LONG_LINE = 4_000
LONG_LINES = 1_000
LONG_TEXT = 20_000
"""A text is folded beyond these however it comes: a key takes 10 ms in a line of 4,000 Chinese
letters, and 250 in one of 100,000."""

_MARK = '{"shammah_draft": '
"""Begins the stored form of what is more than one typed text. A typed text that begins so is stored
in this form too, so that the two cannot be taken for each other."""


class Pasted:
    """A paste, shown as a placeholder; plain, because a dataclass costs 0.4 ms of the start."""

    __slots__ = ("number", "text")
    number: int
    text: str

    def __init__(self, text: str, number: int) -> None:
        self.text = text
        self.number = number

    @property
    def placeholder(self) -> str:
        """What is shown in its place; never sent."""
        lines = self.text.count("\n") + 1
        size = f"{lines:,} lines" if lines > FOLD_LINES else f"{len(self.text):,} characters"
        return f"[pasted {self.number}: {size}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pasted) and (self.number, self.text) == (other.number, other.text)

    def __hash__(self) -> int:
        return hash((self.number, self.text))


Piece = str | Pasted


class Draft:
    """Pieces in their order, without empty ones. Drafts with the same pieces are equal."""

    __slots__ = ("pieces",)

    def __init__(self, *pieces: Piece) -> None:
        self.pieces = tuple(piece for piece in pieces if piece != "")

    @classmethod
    def of(cls, text: str) -> "Draft":
        """Return a text that was not pasted here, folded if it is too long to be shown."""
        return cls(Pasted(text, 1) if is_long(text) else text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Draft) and self.pieces == other.pieces

    def __hash__(self) -> int:
        return hash(self.pieces)

    def __repr__(self) -> str:
        return f"Draft({self.shown!r})"

    @property
    def pastes(self) -> tuple[Pasted, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Pasted))

    @property
    def text(self) -> str:
        return "".join(p.text if isinstance(p, Pasted) else p for p in self.pieces)

    @property
    def shown(self) -> str:
        return "".join(p.placeholder if isinstance(p, Pasted) else p for p in self.pieces)

    @property
    def is_blank(self) -> bool:
        if not self.pieces:
            return True
        # Deferred: a module less before the first frame.
        from shammah_tui.core.text.blank import is_blank

        return all(is_blank(p.text if isinstance(p, Pasted) else p) for p in self.pieces)

    def rewritten(self, text: str) -> "Draft":
        """Return ``text``, written in place of this; pastes that are still in it stay folded."""
        pieces: list[Piece] = []
        for paste in self.pastes:
            written, found, rest = text.partition(paste.text)
            if found:
                pieces += [*Draft.of(written).pieces, paste]
                text = rest
        return Draft(*pieces, *Draft.of(text).pieces)

    def before(self, other: "Draft") -> "Draft":
        """Return the two as one, the other on a line of its own below."""
        if other.is_blank:
            return self
        return other if self.is_blank else Draft(*self.pieces, "\n", *other.pieces)


def is_long(text: str) -> bool:
    """Return whether a text is too long to be shown in full, however it comes."""
    if len(text) <= LONG_LINE:
        return text.count("\n") >= LONG_LINES
    if len(text) > LONG_TEXT or text.count("\n") >= LONG_LINES:
        return True
    return any(len(line) > LONG_LINE for line in text.split("\n"))


def is_folded_when_pasted(text: str) -> bool:
    """Return whether a paste is shown folded."""
    return len(text) > FOLD_CHARACTERS or text.count("\n") >= FOLD_LINES


def to_stored(draft: Draft, set_aside: Sequence[Draft] = ()) -> str:
    """Return what ``from_stored`` reads: a typed text as it is, anything else as JSON."""
    draft, set_aside = _kept(draft), [_kept(each) for each in set_aside]
    pieces = draft.pieces
    if not set_aside and not draft.pastes and not draft.shown.startswith(_MARK):
        return draft.shown
    # Deferred: not before the first frame.
    import json

    fields = {"pieces": _listed(pieces), "set_aside": [_listed(d.pieces) for d in set_aside]}
    return f"{_MARK}{json.dumps(fields, ensure_ascii=False)}}}"


def from_stored(stored: str) -> tuple[Draft, tuple[Draft, ...]]:
    """Return a draft, and what was set aside; what is in no form of ours is one typed text."""
    if not stored.startswith(_MARK):
        return Draft.of(stored), ()
    import json

    try:
        fields = json.loads(stored)["shammah_draft"]
        return _read(fields["pieces"]), tuple(map(_read, fields["set_aside"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Draft.of(stored), ()


def _kept(draft: Draft) -> Draft:
    """Return a draft without keys for Claude: they are kept where keys are kept."""
    from shammah_tui.core.text.secrets import without_keys

    kept = without_keys(draft.text)
    return draft if kept == draft.text else Draft(kept)


def _listed(pieces: Iterable[Piece]) -> list[object]:
    return [[p.number, p.text] if isinstance(p, Pasted) else p for p in pieces]


def _read(listed: Iterable[object]) -> Draft:
    return Draft(*map(_piece, listed))


def _piece(read: object) -> Piece:
    match read:
        case str(typed):
            return typed
        case [int(number), str(text)]:
            return Pasted(text, number)
    raise TypeError
