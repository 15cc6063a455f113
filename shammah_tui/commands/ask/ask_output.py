"""A reply on standard output: as text that streams, or as one JSON object."""

from typing import Any

from shammah_tui.commands.console import Console
from shammah_tui.core.conversation.records import Receipt, receipt_values
from shammah_tui.core.text.plain_text import plain, plain_lines, shown_lines
from shammah_tui.core.wording import commands as words

_TOLD = (
    "side",
    "label",
    "reason",
    "model",
    "revision",
    "stop_reason",
    "interrupted",
    "prompt_tokens",
    "reply_tokens",
    "is_estimated",
    "tokens_per_s",
    "first_token_s",
)
_DIM, _UNDIM = "\x1b[2m", "\x1b[0m"


class ReplyOutput:
    """Writes what a reply says; what could steer a terminal is left out, in a pipe too.

    Args:
        console: Where to.
        as_json: Whether everything is written at the end, as one object.
        quiet: Whether nothing is said of who replies.
        coloured: Whether that may be dimmed.
    """

    def __init__(self, console: Console, *, as_json: bool, quiet: bool, coloured: bool) -> None:
        self._console = console
        self._as_json = as_json
        self._says_who = not quiet and console.errors.isatty()
        self._coloured = coloured and console.errors_redraw
        self._pieces: list[str] = []
        self._held = ""
        self._hold_characters = 0.0
        self._has_written = False
        self._help_line: str | None = None

    def label(self, label: str, help_line: str | None) -> None:
        errors = self._console.errors
        if self._says_who:
            line = plain(label)
            errors.write(f"{_DIM}{line}{_UNDIM}\n" if self._coloured else f"{line}\n")
        self.help_line(help_line)
        errors.flush()

    def help_line(self, help_line: str | None) -> None:
        """Say where help is to be found, once, whatever else is not to be said."""
        if help_line is not None and self._help_line is None:
            self._console.errors.write(f"{help_line}\n")
            self._console.errors.flush()
            self._help_line = help_line

    def piece(self, text: str) -> None:
        text = plain_lines(text)
        self._pieces.append(text)
        self._held += text
        if len(self._held) >= self._hold_characters:
            self._release()

    def hold(self, characters: float) -> None:
        """Keep back at most so many characters: what begins may turn out to have been a thought.

        What a pipe has taken cannot be taken back. On a terminal nothing is kept back: who reads
        there wants to see it come.
        """
        self._hold_characters = 0.0 if self._console.is_terminal else characters

    def take_back(self) -> None:
        """Forget what came so far: it was a thought, and what comes now is the reply."""
        self._pieces.clear()
        self._held, self._hold_characters = "", 0.0
        if self._has_written:
            self._console.complain(words.WAS_THOUGHT)

    def _release(self) -> None:
        held, self._held, self._hold_characters = self._held, "", 0.0
        if held and not self._as_json:
            self._has_written = True
            shown = shown_lines(held) if self._console.is_terminal else held
            self._console.output.write(shown)
            self._console.output.flush()

    @property
    def has_text(self) -> bool:
        return bool(self._pieces)

    def end(self, receipt: Receipt, conversation_id: int | None) -> None:
        reply = "".join(self._pieces)
        self._release()
        if not self._as_json:
            if reply and not reply.endswith("\n"):
                self._console.tell("")
        else:
            self._console.tell_json(described(reply, receipt, conversation_id, self._help_line))


def described(
    reply: str, receipt: Receipt, conversation_id: int | None, help_line: str | None
) -> dict[str, Any]:
    values, cost = receipt_values(receipt), receipt.cost_microusd
    found: dict[str, Any] = {
        "reply": reply,
        **{name.removeprefix("is_"): values[name] for name in _TOLD},
        "side": receipt.side.value.lower(),
        "label": plain(receipt.label),
        "cost_usd": None if cost is None else cost / 1_000_000,
        "conversation": None if conversation_id is None else f"{conversation_id:x}",
    }
    if help_line is not None:
        found["help"] = help_line
    return found
