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
    * {{ scrollbar-size: 0 0; }}
    Composer, Composer:focus {{ border: ascii $border; }}
    ModalScreen > Vertical, ModelPanel > Vertical, AdapterPanel > Vertical {{
        border: ascii $border;
    }}
    Question, .thoughts, MarkdownBlockQuote, ReceiptView {{ border-left: ascii $border; }}
    Question:focus, ReplyView:focus {{ border: ascii $border; }}
    MarkdownHorizontalRule {{ border-bottom: ascii $border; }}
    ToastRack {{ margin-bottom: 4; }}
    Toast {{ border-left: ascii $border; border-right: none; }}
    Input, Input:focus {{ border: none; }}
    CommandPalette > Vertical {{ border: none; }}
    SearchIcon {{ display: none; }}
    CommandPalette #--input {{ border: ascii $border; }}
    CommandList {{ border: none; }}
}}
"""


def is_plain(node: DOMNode) -> bool:
    """Return whether the app that ``node`` belongs to is in plain mode."""
    return node.app.has_class(PLAIN_CLASS)


class Pacer(Generic[Value]):
    """Hands values on, the first at once and then the newest, with a pause between any two.

    Args:
        pump: Whose timer it uses.
        pause_s: Length of the pause; 0 hands on every value at once.
        hand_on: Takes the values.
    """

    def __init__(self, pump: MessagePump, pause_s: float, hand_on: Callable[[Value], None]) -> None:
        self._pump = pump
        self._pause_s = pause_s
        self._hand_on = hand_on
        self._newest: list[Value] = []
        self._is_pausing = False

    def take(self, value: Value) -> None:
        """Hand ``value`` on, now or when the pause is over unless a newer one has come."""
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
