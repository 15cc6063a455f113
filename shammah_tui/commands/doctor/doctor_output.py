"""An examination as lines for people, or as JSON for programs."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from shammah_tui import __version__
from shammah_tui.core.doctor.findings import Examination, Finding, Mark
from shammah_tui.core.text.plain_text import cell_width, plain

_SIGNS = MappingProxyType({Mark.GOOD: "✓", Mark.DOUBTFUL: "⚠", Mark.BAD: "✗"})
_ASCII_SIGNS = MappingProxyType({Mark.GOOD: "+", Mark.DOUBTFUL: "!", Mark.BAD: "x"})
_COLOURS = MappingProxyType({Mark.GOOD: "32", Mark.DOUBTFUL: "33", Mark.BAD: "31"})
"""ANSI: the terminal's own green, yellow and red."""
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def as_lines(examination: Examination, *, coloured: bool, encoding: str) -> Iterator[str]:
    """Yield the findings, labels in a column, each advice below what it is for.

    Args:
        examination: What was found.
        coloured: Whether marks are coloured and advice is bold.
        encoding: That of the output, which may lack the signs.
    """
    signs, arrow = _signs(encoding)
    width = max(cell_width(finding.label) for finding in examination.findings)
    for finding in examination.findings:
        sign = signs[finding.mark]
        if coloured:
            sign = f"\x1b[{_COLOURS[finding.mark]}m{sign}{_PLAIN}"
        label = finding.label + " " * (width - cell_width(finding.label))
        yield f"{sign} {label}  {plain(finding.says)}"
        if finding.advice:
            advice = plain(finding.advice)
            advice = f"{_BOLD}{advice}{_PLAIN}" if coloured else advice
            yield f"{' ' * (width + 4)}{arrow} {advice}"


def as_json(examination: Examination) -> str:
    """Return the findings as one JSON object, indented."""
    return json.dumps(
        {
            "version": __version__,
            "can_chat": examination.can_chat,
            "claude_can_reply": examination.claude_can_reply,
            "local_can_reply": examination.local_can_reply,
            "findings": [_object(finding) for finding in examination.findings],
        },
        indent=2,
    )


def _object(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.id,
        "mark": finding.mark.value,
        "says": plain(finding.says),
        "advice": plain(finding.advice),
        "facts": dict(finding.facts),
    }


def _signs(encoding: str) -> tuple[Mapping[Mark, str], str]:
    try:
        "✓⚠✗→".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _ASCII_SIGNS, "->"
    return _SIGNS, "→"
