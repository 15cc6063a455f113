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
from shammah_tui.core.wording import doctor as words

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
    try:
        size = os.get_terminal_size(descriptor)
    except OSError:
        return None
    return size.columns, size.lines


def check_terminal(facts: TerminalFacts) -> tuple[Finding, ...]:
    if facts.size is None:
        says = words.NO_TERMINAL
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
    says = words.terminal(term, name, f"{columns}×{rows}" if columns and rows else "")
    if not (columns and rows):
        # A terminal that was never told its size has 0×0; Textual takes 80×24 then.
        columns, rows = 80, 24
    if term in {"", "dumb", "unknown"}:
        says = words.no_screen(says)
        return Finding("terminal", "Terminal", Mark.BAD, says, words.SET_TERM, values)
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        says, advice = words.small(says), words.enlarge(LEAST_COLUMNS, LEAST_ROWS)
        return Finding("terminal", "Terminal", Mark.DOUBTFUL, says, advice, values)
    return Finding("terminal", "Terminal", Mark.GOOD, says, facts=values)


def _drawing(facts: TerminalFacts) -> Finding:
    drawn = colours(facts.environment)
    is_utf8 = facts.encoding.lower().replace("-", "").replace("_", "") == "utf8"
    synchronized = facts.answers.synchronized_output if facts.answers is not None else None
    says = words.drawing(drawn, "UTF-8" if is_utf8 else plain(facts.encoding), synchronized)
    values: dict[str, Fact] = {
        "colours": drawn.value,
        "utf8": is_utf8,
        "synchronized_output": synchronized,
    }
    advice = ""
    if not is_utf8:
        advice = words.SET_UTF8
    elif facts.environment.get("NO_COLOR"):
        # Somebody wants it so.
        advice = ""
    elif drawn is not Colours.TRUE:
        advice = words.SET_COLOURS
    return Finding(
        "drawing", "Drawing", Mark.DOUBTFUL if advice else Mark.GOOD, says, advice, values
    )


def _keys(facts: TerminalFacts) -> Iterator[Finding]:
    answers = facts.answers
    if answers is None or not answers.is_complete:
        says = words.SILENT_TERMINAL
        yield Finding("keys", "Keys", Mark.GOOD, says, facts={"kitty_keyboard": None})
        return
    says = words.keys(answers.kitty_keyboard, answers.bracketed_paste)
    values: dict[str, Fact] = {
        "kitty_keyboard": answers.kitty_keyboard,
        "bracketed_paste": answers.bracketed_paste,
    }
    if answers.bracketed_paste is False:
        advice = words.SINGLE_LINES
        yield Finding("keys", "Keys", Mark.DOUBTFUL, says, advice, values)
    else:
        yield Finding("keys", "Keys", Mark.GOOD, says, facts=values)


def _clipboard(facts: TerminalFacts) -> Finding:
    likely = takes_clipboard(facts.environment, facts.answers)
    values: dict[str, Fact] = {"osc52_likely": likely}
    in_tmux = bool(facts.environment.get("TMUX"))
    if likely and not in_tmux:
        return Finding("clipboard", "Clipboard", Mark.GOOD, words.CLIPBOARD, facts=values)
    says, advice = words.TMUX_CLIPBOARD if in_tmux else words.NO_CLIPBOARD
    return Finding("clipboard", "Clipboard", Mark.DOUBTFUL, says, advice, values)
