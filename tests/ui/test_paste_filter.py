"""Pastes on their way to Textual's parser, torn apart anywhere."""

import random

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from shammah_tui.ui.paste_filter import BEGIN, END, PasteFilter


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("two\rlines\r\nand a\ttab", "two\nlines\nand a\ttab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x1b]52;c;eA==\x07b", "a]52;c;eA==b"),
        ("\x1bq\x1b\r\x11\x03\x07", "q\n"),
        ("bell\x07 backspace\x08 delete\x7f nul\x00", "bell backspace delete nul"),
        ("one character that is a sequence: \x9b2J", "one character that is a sequence: 2J"),
        (BEGIN, "[200~"),
        ("", ""),
        ("naïve 世界 👩\u200d🚀 \u200fשלום", "naïve 世界 👩\u200d🚀 \u200fשלום"),
    ],
)
def test_only_what_can_be_seen_is_pasted(pasted: str, kept: str) -> None:
    assert PasteFilter().feed(f"{BEGIN}{pasted}{END}") == f"{BEGIN}{kept}{END}"
    assert _events(f"a{BEGIN}{pasted}{END}b") == ["a", Paste(kept), "b"]


def test_keys_pass_untouched_and_at_once() -> None:
    keys = PasteFilter()
    for each in ("x", "\x1b", "\x1b", "[", "\x1b[200", "\x1b[20~", "\x1b[<0;1;1M", "\x03"):
        assert keys.feed(each) == each


def test_torn_apart_anywhere_it_is_the_same() -> None:
    chance = random.Random(7)
    pieces = [BEGIN, END, "\x1b", "[20", "0~", "text", "\r", "\r\n", "\x07", "\x1b[A", "世", "\x9b"]
    for _ in range(2_000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 12))) + END
        torn, feeder, rest = "", PasteFilter(), text
        while rest:
            size = chance.randrange(1, 5)
            torn += feeder.feed(rest[:size])
            rest = rest[size:]
        assert torn == PasteFilter().feed(text), repr(text)


def _events(text: str) -> list[object]:
    found: list[object] = []
    for event in XTermParser().feed(PasteFilter().feed(text)):
        match event:
            case Key(character=str(character)):
                found.append(character)
            case Paste(text=pasted):
                found.append(_Pasted(pasted))
    return found


class _Pasted:
    """Compares with a ``Paste``, which itself compares by identity."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Paste) and other.text == self.text

    def __repr__(self) -> str:
        return f"Paste({self.text!r})"

    __hash__ = None  # type: ignore[assignment]
