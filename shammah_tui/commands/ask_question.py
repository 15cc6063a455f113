"""What is asked, from the command line and from what is piped in."""

import argparse
import io
from dataclasses import dataclass
from typing import TextIO

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.pins import Side, split_pin, with_pin
from shammah_tui.core.units import format_size

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


def request_from(options: argparse.Namespace, answers: TextIO | None) -> AskRequest:
    """Return what is asked; reads what is piped in to its end.

    Args:
        options: As ``ask_arguments`` lays them out.
        answers: Standard input; a terminal is not read. None when there is none.

    Raises:
        NoQuestionError: There is no question, or it contradicts the options.
        TooMuchPipedError: More is piped in than any model reads.
    """
    parts = (" ".join(options.question).strip(), piped_text(answers))
    text = "\n\n".join(part for part in parts if part)
    wanted = Side.LOCAL if options.local else Side.CLAUDE if options.claude else None
    pin, question = split_pin(text)
    if wanted is None and pin is None and split_pin(parts[1])[0] is Side.LOCAL:
        # What is piped in was marked to stay here, and nobody has said anything else.
        wanted = Side.LOCAL
    if not question.strip():
        raise NoQuestionError('There is no question: write shammah ask "…", or pipe one in')
    if wanted is not None and pin not in {None, wanted}:
        raise NoQuestionError(
            f"--{wanted.value.lower()} and {text.split()[0]} contradict each other: leave one out"
        )
    if options.what and Side.CLAUDE in {wanted, pin}:
        raise NoQuestionError(
            "--model names a model of this machine: leave it out to ask Claude, whose model is "
            "set under [claude] in config.toml"
        )
    if wanted is not None:
        text = with_pin(wanted, question)
    return AskRequest(
        text,
        wanted or pin,
        options.what,
        options.system,
        options.continues,
        options.keeps,
        options.json,
        options.quiet,
    )


def piped_text(answers: TextIO | None) -> str:
    """Return what is piped in, without the line ends around it; empty on a terminal.

    Raises:
        TooMuchPipedError: It is more than ``MOST_PIPED_BYTES``.
    """
    if answers is None or answers.closed or answers.isatty():
        return ""
    if isinstance(answers, io.TextIOWrapper):
        # As bytes: a file of any encoding is to be asked about, not refused.
        read = answers.buffer.read(MOST_PIPED_BYTES + 1)
        piped = read.decode("utf-8-sig", errors="replace")
        length = len(read)
    else:
        piped = answers.read(MOST_PIPED_BYTES + 1)
        length = len(piped)
    if length > MOST_PIPED_BYTES:
        most = format_size(MOST_PIPED_BYTES)
        raise TooMuchPipedError(f"More than {most} are piped in, which no model reads: cut it")
    return piped.strip("\r\n") if piped.strip() else ""
