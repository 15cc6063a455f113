"""What is asked, from the command line and from what is piped in."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from shammah_tui.commands.ask.piped_bytes import argument_text, text_of
from shammah_tui.commands.ask.piped_input import read_piped
from shammah_tui.core.conversation.pins import Side, split_pin, with_pin
from shammah_tui.core.errors import ShammahError
from shammah_tui.core.text.blank import is_blank, without_blank_lines_around
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import commands as wording

STDIN = "-"

MOST_PIPED_BYTES = 8_000_000
"""About two million tokens: more than any context holds."""


class NoQuestionError(ShammahError):
    """There is nothing to ask, or what there is contradicts itself."""


class TooMuchPipedError(ShammahError):
    """More was piped in than anybody could read."""


@dataclass(frozen=True, slots=True)
class AskRequest:
    """One question.

    Attributes:
        text: The question as the router takes it, with its pin if it has one.
        pin: The side that it is pinned to.
        what: The local model that the command line names; empty names none.
        system_prompt: What the model is told first; None leaves it to the settings.
        continues: Whether it follows the last conversation.
        keeps: Whether question and reply are kept.
        as_json: Whether one JSON object is printed.
        quiet: Whether nothing is said besides.
    """

    text: str
    pin: Side | None
    what: str = ""
    system_prompt: str | None = None
    continues: bool = False
    keeps: bool = True
    as_json: bool = False
    quiet: bool = False

    def loads_local(self, *, is_served: bool, has_key: bool) -> bool:
        """Return whether a local model is loaded for it.

        That takes seconds: only where it is asked for, or where nobody else answers.
        """
        if self.pin is not None:
            return self.pin is Side.LOCAL
        return is_served or bool(self.what) or not has_key


def request_from(
    options: argparse.Namespace, answers: TextIO | None, tell: Callable[[str], None]
) -> AskRequest:
    """Return what is asked; reads what is piped in to its end, and tells that it waits.

    Raises:
        NoQuestionError: There is no question, or it contradicts the options.
        NotTextError: What is given or piped in is no text.
        TooMuchPipedError: More is piped in than any model reads.
    """
    words, waits = _without_dash([argument_text(word) for word in options.question])
    given = without_blank_lines_around(" ".join(words))
    piped = _piped_text(answers, tell, is_beside=bool(given), waits=waits)
    parts = (given, piped)
    text = "\n\n".join(part for part in parts if not is_blank(part))
    wanted = Side.LOCAL if options.local else Side.CLAUDE if options.claude else None
    pin, question = split_pin(text)
    if wanted is None and pin is None and split_pin(parts[1])[0] is Side.LOCAL:
        # What is piped in was marked to stay here, and nobody has said anything else.
        wanted = Side.LOCAL
    if is_blank(question):
        raise NoQuestionError(wording.NO_QUESTION)
    if wanted is not None and pin not in {None, wanted}:
        raise NoQuestionError(wording.contradiction(f"--{wanted.value.lower()}", text.split()[0]))
    if options.what and Side.CLAUDE in {wanted, pin}:
        raise NoQuestionError(wording.MODEL_IS_LOCAL)
    if wanted is not None:
        text = with_pin(wanted, question)
    return AskRequest(
        text,
        wanted or pin,
        options.what,
        None if options.system is None else argument_text(options.system),
        options.continues,
        options.keeps,
        options.json,
        options.quiet,
    )


def _piped_text(
    answers: TextIO | None, tell: Callable[[str], None], *, is_beside: bool, waits: bool
) -> str:
    data = read_piped(answers, MOST_PIPED_BYTES + 1, tell, is_beside=is_beside, waits=waits)
    if len(data) > MOST_PIPED_BYTES:
        raise TooMuchPipedError(wording.too_much_piped(format_size(MOST_PIPED_BYTES)))
    piped = text_of(data)
    return without_blank_lines_around(piped)


def _without_dash(words: list[str]) -> tuple[list[str], bool]:
    """Return the question's words, and whether standard input is to be waited for (``-``)."""
    if words and words[-1] == STDIN:
        return words[:-1], True
    if words and words[0] == STDIN:
        return words[1:], True
    return words, False
