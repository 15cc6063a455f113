"""Pastes on their way to Textual's parser, torn apart anywhere."""

import random
import re
from collections.abc import Iterable

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from shammah_tui.ui.frame.paste_filter import BEGIN, END, QUIET_S, PasteFilter


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
        if "\x1b\r" in text:
            # Alt+Enter in one piece; in two, Escape and Enter.
            continue
        torn, feeder, rest = "", _early(), text
        while rest:
            size = chance.randrange(1, 5)
            torn += feeder.feed(rest[:size])
            rest = rest[size:]
        assert torn == _early().feed(text), repr(text)


def _early() -> PasteFilter:
    keys = PasteFilter()
    keys.is_early = True
    return keys


def _events(text: str) -> list[object]:
    found: list[object] = []
    for event in XTermParser().feed(_early().feed(text)):
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


class Typist:
    """Sends pieces to a filter, each some time after the one before."""

    def __init__(self) -> None:
        self.now = 100.0
        self.keys = PasteFilter(lambda: self.now)
        self.passed = ""

    def send(self, pieces: Iterable[str], gap_s: float = 0.005) -> None:
        for piece in pieces:
            if gap_s > QUIET_S and self.keys.waits:
                self.passed += self.keys.flush()
            self.now += gap_s
            self.passed += self.keys.feed(piece)

    def pause(self) -> None:
        self.now += QUIET_S
        self.passed += self.keys.flush()
        self.now += 10.0


THREE = "one\rtwo\rthree"


@pytest.mark.parametrize(
    "text",
    [
        THREE,
        f"{THREE}\r",
        "one\r\n\ttwo\r\n",
        "a\rb",
        "\ra\rb",
        "\ra\r",
        "a\r\r",
        "a\r\n",
        "a\tb\r\tc\r",
        "/quit\rmore",
        "\ra\n",
        "x" * 2_000,
        "\r".join(f"value_{n}" for n in range(300)),
    ],
)
@pytest.mark.parametrize("size", [10_000, 7])
def test_a_paste_without_brackets_presses_no_enter_and_keeps_its_order(
    text: str, size: int
) -> None:
    typist = Typist()
    typist.send(["before"])
    typist.pause()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    typist.send(pieces)
    typist.pause()
    keys, pasted = "", ""
    for event in _events(typist.passed):
        if isinstance(event, _Pasted):
            pasted += event.text
        else:
            assert not pasted
            keys += str(event)
    if size > len(text):
        assert keys == "before" and pasted
    elif text[0] != "\r":
        assert "\r" not in keys
    assert keys.lstrip("\r") + pasted == "before" + re.sub("\r\n?", "\n", text)


@pytest.mark.parametrize("text", [THREE, f"{THREE}\r"])
def test_a_slow_paste_without_brackets_is_one(text: str) -> None:
    typist = Typist()
    typist.send(text)
    typist.pause()
    assert _events(typist.passed) == [*"one", Paste(text[3:].replace("\r", "\n"))]


def test_a_paste_that_stutters_sends_nothing() -> None:
    typist = Typist()
    typist.send(["one\rtwo"])
    typist.now += QUIET_S
    typist.passed += typist.keys.flush()
    typist.now += 0.1
    typist.send(["\r"])
    typist.pause()
    assert _events(typist.passed) == [Paste("one\ntwo"), Paste("\n")]


def test_what_is_typed_passes_at_once_and_enter_is_enter() -> None:
    typist = Typist()
    for piece in (*"why?", "\r", *"next", "\n", "\r", "\r"):
        before = typist.passed
        typist.send([piece], gap_s=0.08)
        assert typist.passed == before + piece


@pytest.mark.parametrize("pieces", [["hello\r"], ["hello", "\r"], [*"hello\r"]])
def test_a_line_that_comes_with_its_enter_is_sent(pieces: list[str]) -> None:
    typist = Typist()
    typist.send(pieces)
    assert typist.passed == "hello"
    typist.pause()
    assert typist.passed == "hello\r"


def test_what_was_typed_early_is_as_it_was() -> None:
    keys = PasteFilter(lambda: 0.0)
    keys.is_early = True
    assert keys.feed(f"{THREE}\r") == f"{THREE}\r"


def test_one_enter_among_what_was_typed_while_the_program_began_is_enter() -> None:
    typist = Typist()
    typist.keys.is_young = True
    typist.send(["word", "\rnext"])
    typist.pause()
    assert typist.passed == "word\rnext"
    typist.send(["one\rtwo\rthree"])
    typist.pause()
    assert _events(typist.passed)[-1] == Paste("one\ntwo\nthree")


@pytest.mark.parametrize("pieces", [["one\x11\rtwo\x03\x0fthree"], ["one\rtwo", "\x11\x0c three"]])
def test_a_control_character_in_a_paste_without_brackets_is_no_key(pieces: list[str]) -> None:
    typist = Typist()
    typist.send(pieces)
    typist.pause()
    assert _events(typist.passed) == [
        Paste("one\ntwothree" if len(pieces) == 1 else "one\ntwo three")
    ]


def test_keys_after_enter_are_keys() -> None:
    typist = Typist()
    for keys in ("hello\r\x11", "hello\r\x1b[A", "a\r\x1b[Ab\x11"):
        passed = typist.passed
        typist.send([keys])
        typist.pause()
        assert typist.passed == passed + keys


@pytest.mark.parametrize("typed", ["\x1b\r", "\x1b\n"])
def test_alt_enter_is_a_key_of_its_own(typed: str) -> None:
    events = list(XTermParser().feed(PasteFilter().feed(f"a{typed}")))
    assert [event.key for event in events if isinstance(event, Key)] == ["a", "alt+enter"]
