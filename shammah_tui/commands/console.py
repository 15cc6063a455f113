"""Standard output, error and input as the commands use them."""

import json
import os
from typing import TextIO

from shammah_tui.core.text.plain_text import plain

_STANDS_IN_JSON = "\n "


class Console:
    """Results go to the output, whatever went wrong goes to the error stream, a line each."""

    def __init__(self, output: TextIO, errors: TextIO, answers: TextIO) -> None:
        self.output = output
        self.errors = errors
        self.answers = answers

    @property
    def is_terminal(self) -> bool:
        return self.output.isatty()

    @property
    def redraws(self) -> bool:
        """Whether the output is a terminal on which a line can be written over."""
        return _redraws(self.output)

    @property
    def errors_redraw(self) -> bool:
        return _redraws(self.errors)

    def tell(self, line: str) -> None:
        self.output.write(f"{line}\n")
        self.output.flush()

    def tell_json(self, value: object) -> None:
        """Write a result for programs; on a terminal nothing in it can steer that."""
        text = json.dumps(value, ensure_ascii=False, indent=2)
        self.tell(safe_json(text) if self.is_terminal else text)

    def complain(self, sentence: str) -> None:
        self.errors.write(f"shammah: {plain(sentence).rstrip('.')}\n")
        self.errors.flush()

    def confirm(self, question: str) -> bool | None:
        """Return whether a person said yes; None where there is nobody to ask."""
        if not (self.is_terminal and self.answers.isatty()):
            return None
        self.output.write(f"{plain(question)} [y/N] ")
        self.output.flush()
        answer = ""
        try:
            answer = self.answers.readline()
        finally:
            if not answer.endswith("\n"):
                # Ctrl+C and Ctrl+D leave the cursor behind the question.
                self.tell("")
        return answer.strip().lower() in {"y", "yes"}


def safe_json(text: str) -> str:
    """Return JSON that says the same and cannot steer a terminal."""
    return "".join(
        each if each.isprintable() or each in _STANDS_IN_JSON else json.dumps(each)[1:-1]
        for each in text
    )


def _redraws(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}
