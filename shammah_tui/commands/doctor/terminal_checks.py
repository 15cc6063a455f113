"""What the terminal can do of what the screen would like."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.doctor.terminal import (
    Colours,
    TerminalAnswers,
    colours,
    takes_clipboard,
)
from shammah_tui.core.text.plain_text import plain

LEAST_COLUMNS, LEAST_ROWS = 60, 16
"""Below this the header loses its figures and the composer hides the conversation."""


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What is known of the terminal.

    Attributes:
        environment: The environment of this process.
        size: Columns and rows; None where there is no terminal.
        encoding: How this process writes text.
        answers: What the terminal said; None where it was not asked.
    """

    environment: Mapping[str, str]
    size: tuple[int, int] | None
    encoding: str
    answers: TerminalAnswers | None


def terminal_size(descriptor: int) -> tuple[int, int] | None:
    """Return columns and rows, or None where ``descriptor`` is no terminal."""
    try:
        size = os.get_terminal_size(descriptor)
    except OSError:
        return None
    return size.columns, size.lines


def check_terminal(facts: TerminalFacts) -> tuple[Finding, ...]:
    """Return findings on the terminal; a single one where there is none."""
    if facts.size is None:
        says = "standard input or output is not a terminal: not checked"
        return (Finding("terminal", "Terminal", Mark.GOOD, says, facts={"is_terminal": False}),)
    return (_terminal(facts), _drawing(facts), *_keys(facts), _clipboard(facts))


def _terminal(facts: TerminalFacts) -> Finding:
    term = plain(facts.environment.get("TERM", ""))
    name = facts.answers.name if facts.answers is not None else ""
    columns, rows = facts.size or (0, 0)
    values: dict[str, Fact] = {
        "is_terminal": True,
        "term": term,
        "name": name,
        "columns": columns,
        "rows": rows,
    }
    says = f"{term or 'TERM is not set'}{f' ({name})' if name else ''}"
    # A terminal that was never told its size has 0×0; Textual takes 80×24 then.
    if columns and rows:
        says += f" · {columns}×{rows}"
    else:
        columns, rows = 80, 24
    if term in {"", "dumb", "unknown"}:
        advice = "export TERM=xterm-256color"
        return Finding("terminal", "Terminal", Mark.BAD, f"{says} · no screen", advice, values)
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        advice = f"make the window at least {LEAST_COLUMNS}×{LEAST_ROWS}"
        return Finding("terminal", "Terminal", Mark.DOUBTFUL, f"{says} · small", advice, values)
    return Finding("terminal", "Terminal", Mark.GOOD, says, facts=values)


def _drawing(facts: TerminalFacts) -> Finding:
    drawn = colours(facts.environment)
    is_utf8 = facts.encoding.lower().replace("-", "").replace("_", "") == "utf8"
    synchronized = facts.answers.synchronized_output if facts.answers is not None else None
    says = (
        f"{drawn} · {'UTF-8' if is_utf8 else plain(facts.encoding)} · "
        f"synchronized output: {_word(synchronized)}"
    )
    values: dict[str, Fact] = {
        "colours": drawn.value,
        "utf8": is_utf8,
        "synchronized_output": synchronized,
    }
    advice = ""
    if not is_utf8:
        advice = "export LANG=C.UTF-8"
    elif facts.environment.get("NO_COLOR"):
        # Somebody wants it so.
        advice = ""
    elif drawn is not Colours.TRUE:
        advice = "if this terminal has 24-bit colour: export COLORTERM=truecolor"
    return Finding(
        "drawing", "Drawing", Mark.DOUBTFUL if advice else Mark.GOOD, says, advice, values
    )


def _keys(facts: TerminalFacts) -> Iterator[Finding]:
    answers = facts.answers
    if answers is None or not answers.is_complete:
        says = "the terminal does not answer questions about keys and pasting"
        yield Finding("keys", "Keys", Mark.GOOD, says, facts={"kitty_keyboard": None})
        return
    says = (
        f"Kitty keyboard protocol: {_word(answers.kitty_keyboard)}"
        f"{'' if answers.kitty_keyboard else ' (ctrl+j begins a new line, shift+enter does not)'}"
        f" · bracketed paste: {_word(answers.bracketed_paste)}"
    )
    values: dict[str, Fact] = {
        "kitty_keyboard": answers.kitty_keyboard,
        "bracketed_paste": answers.bracketed_paste,
    }
    if answers.bracketed_paste is False:
        advice = "paste single lines only: each pasted line end would send the message"
        yield Finding("keys", "Keys", Mark.DOUBTFUL, says, advice, values)
    else:
        yield Finding("keys", "Keys", Mark.GOOD, says, facts=values)


def _clipboard(facts: TerminalFacts) -> Finding:
    likely = takes_clipboard(facts.environment, facts.answers)
    values: dict[str, Fact] = {"osc52_likely": likely}
    in_tmux = bool(facts.environment.get("TMUX"))
    if likely and not in_tmux:
        says = "copying reaches the clipboard (OSC 52, likely)"
        return Finding("clipboard", "Clipboard", Mark.GOOD, says, facts=values)
    if in_tmux:
        says = "inside tmux, copying reaches the clipboard (OSC 52) only where tmux lets it"
        advice = "tmux set -s set-clipboard on"
    else:
        says = "copying may not reach the clipboard: this terminal is not known to take OSC 52"
        advice = "allow programs to set the clipboard (OSC 52) in the terminal's settings"
    return Finding("clipboard", "Clipboard", Mark.DOUBTFUL, says, advice, values)


def _word(ability: bool | None) -> str:
    return "not told" if ability is None else "yes" if ability else "no"
