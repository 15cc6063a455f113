"""The plain mode, for screen readers and slow lines: nothing moves, nothing is drawn with lines."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.dom import DOMNode
from textual.message_pump import MessagePump

Value = TypeVar("Value")

PLAIN_CLASS = "-plain"
"""Class of the app in plain mode."""

PLAIN_INTERVAL_S = 0.25
"""Time between two writes of what keeps changing: a screen reader begins anew with each."""

PLAIN_NOTICE_S = 30.0
"""How long a notice stays at least."""

PLAIN_CSS = f"""
.{PLAIN_CLASS} {{
    * {{ border: none !important; scrollbar-size: 0 0; }}
    Composer, Composer:focus, CodeBlock, OpenFence {{ border: blank $background !important; }}
    Question.-titled, ReplyView.-titled, Question:focus, ReplyView:focus {{
        border-top: blank $background !important;
        border-title-align: left;
        margin: 0 1;
        padding: 0 1;
    }}
    /* The header tells the share in words. */
    ProgressRule {{ display: none; }}
    ModalScreen {{ align: left top; background: $background; }}
    ModalScreen > Vertical {{
        width: 100%;
        height: 100%;
        max-width: 100%;
        max-height: 100%;
        border: blank $background !important;
        background: $background;
    }}
    SearchIcon {{ display: none; }}
}}
"""
"""No frames: where a widget says something in its frame, blanks are drawn round the words."""


def is_plain(node: DOMNode) -> bool:
    """Return whether the app that ``node`` belongs to is in plain mode."""
    return node.app.has_class(PLAIN_CLASS)


class Pacer(Generic[Value]):
    """Hands on the first value at once, then the newest each ``pause_s``; with 0, every value."""

    def __init__(self, pump: MessagePump, pause_s: float, hand_on: Callable[[Value], None]) -> None:
        self._pump = pump
        self._pause_s = pause_s
        self._hand_on = hand_on
        self._newest: list[Value] = []
        self._is_pausing = False

    def take(self, value: Value) -> None:
        self._newest = [value]
        if not self._is_pausing:
            self._go_on()

    def _go_on(self) -> None:
        self._is_pausing = False
        for value in self._newest:
            self._hand_on(value)
            if self._pause_s:
                self._is_pausing = True
                self._pump.set_timer(self._pause_s, self._go_on)
        self._newest = []
