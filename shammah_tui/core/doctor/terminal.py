"""What a terminal can do: the questions to put to it, and what its answers mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shammah_tui.core.text.plain_text import plain

SYNCHRONIZED_OUTPUT, BRACKETED_PASTE = 2026, 2004

QUESTIONS = b"\x1b[?u\x1b[?%d$p\x1b[?%d$p\x1b[>q\x1b[c" % (SYNCHRONIZED_OUTPUT, BRACKETED_PASTE)
"""Kitty keyboard flags, two private modes (DECRQM), name and version (XTVERSION), and last the
primary attributes (DA1), which every terminal answers: what has not come before that never will.
"""

_KITTY = re.compile(rb"\x1b\[\?\d+u")
_MODE = re.compile(rb"\x1b\[\?(\d+);(\d+)\$y")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_CLIPBOARD_ATTRIBUTE = "52"

_CAN_BE_SET = {1, 2, 3}
"""DECRQM: on, off, always on. 0 is an unknown mode, 4 one that is always off."""

_CLIPBOARD_NAMES = re.compile(
    r"kitty|wezterm|ghostty|foot|alacritty|contour|iterm|rio|xterm\(|windows terminal",
    re.IGNORECASE,
)
"""Terminals that take OSC 52 as they come; of others only some, or only when told to."""

_CLIPBOARD_VARIABLES = ("KITTY_WINDOW_ID", "WEZTERM_PANE", "ALACRITTY_WINDOW_ID", "WT_SESSION")


class Colours(StrEnum):
    """How many colours the screen will be drawn with."""

    TRUE = "24-bit colour"
    MANY = "256 colours"
    FEW = "16 colours"
    NONE = "no colours"


@dataclass(frozen=True, slots=True)
class TerminalAnswers:
    """What the terminal said; None is no answer.

    Attributes:
        is_complete: Whether it answered to the end.
        kitty_keyboard: Whether it has the Kitty keyboard protocol.
        synchronized_output: Whether it draws a frame at once.
        bracketed_paste: Whether it tells what was pasted from what was typed.
        name: Its own name and version; may be empty.
        tells_clipboard: Whether it says that programs may set the clipboard.
    """

    is_complete: bool
    kitty_keyboard: bool | None
    synchronized_output: bool | None
    bracketed_paste: bool | None
    name: str
    tells_clipboard: bool


def is_complete(answers: bytes) -> bool:
    return _ATTRIBUTES.search(answers) is not None


def read_answers(answers: bytes) -> TerminalAnswers:
    """Return what ``answers`` to ``QUESTIONS`` mean; what was typed in between is left out."""
    attributes = _ATTRIBUTES.search(answers)
    modes = {int(number): int(state) for number, state in _MODE.findall(answers)}
    name = _NAME.search(answers)

    def mode(number: int) -> bool | None:
        return modes[number] in _CAN_BE_SET if number in modes else None

    kitty = _KITTY.search(answers) is not None
    return TerminalAnswers(
        attributes is not None,
        # Only a terminal that has it answers this one.
        kitty if kitty or attributes else None,
        mode(SYNCHRONIZED_OUTPUT),
        mode(BRACKETED_PASTE),
        plain(name[1].decode(errors="replace")) if name else "",
        attributes is not None and _CLIPBOARD_ATTRIBUTE in attributes[1].decode().split(";"),
    )


def colours(environment: Mapping[str, str]) -> Colours:
    """Return how the screen will be drawn, by the variables that Textual goes by."""
    term = environment.get("TERM", "").lower()
    if environment.get("NO_COLOR") or term in {"", "dumb", "unknown"}:
        return Colours.NONE
    if environment.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Colours.TRUE
    suffix = term.rpartition("-")[2]
    if suffix == "direct" or term == "xterm-kitty":
        return Colours.TRUE
    return Colours.MANY if suffix == "256color" else Colours.FEW


def takes_clipboard(environment: Mapping[str, str], answers: TerminalAnswers | None) -> bool:
    """Return whether copying by OSC 52 is likely to reach the clipboard; no terminal tells."""
    names = [environment.get(each, "") for each in ("TERM", "TERM_PROGRAM")]
    if answers is not None:
        names.append(answers.name)
    return (
        (answers is not None and answers.tells_clipboard)
        or any(environment.get(each) for each in _CLIPBOARD_VARIABLES)
        or any(_CLIPBOARD_NAMES.search(name) for name in names)
    )
