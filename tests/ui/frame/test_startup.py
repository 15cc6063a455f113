"""Keys typed in a row are handed over in one piece, and all else as it came."""

from textual.events import Event, Key, Paste

from shammah_tui.ui.frame.startup import joined


def told(events: list[Event]) -> list[str]:
    return [event.text if isinstance(event, Paste) else event.key for event in events]  # type: ignore[attr-defined]


def test_only_what_is_printed_is_joined_and_in_order() -> None:
    keys = [Key(character, character) for character in "ab ü漢"]
    events: list[Event] = [*keys, Key("enter", "\r"), keys[0], Paste("x\ny"), keys[1], keys[1]]
    assert told(joined(events)) == ["ab ü漢", "enter", "a", "x\ny", "bb"]
    assert joined([]) == []


def test_pieces_are_short_enough_not_to_be_folded() -> None:
    events: list[Event] = [Key("a", "a") for _ in range(1_001)]
    pieces = told(joined(events))
    assert "".join(pieces) == "a" * 1_001
    assert max(map(len, pieces)) <= 200
