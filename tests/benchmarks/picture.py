"""The figures of a start as a small picture for the README."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.startup import OURS

_ROWS = {
    "first_frame": "first frame",
    "first_key": "first key on the screen",
    "takeover": "Textual's composer answers",
    "leaving": "back at the shell",
}
_NAMES = {"bare": "bare Textual app", OURS: "shammah"}
_COLORS = {"bare": "#8b93ad", OURS: "#7aa2f7", "elia": "#e0af68"}
_LABEL_PX, _BAR_PX, _HEIGHT_PX, _GAP_PX, _WIDTH_PX = 190, 330, 14, 12, 640


def picture(result: Mapping[str, Any]) -> str:
    """Return an SVG of bars, one for each program and measure, in milliseconds.

    Args:
        result: What ``startup.compare`` returns.
    """
    names = list(result["takeover"]["ratios"])
    most = max(result[row][name]["median"] for row in _ROWS for name in names)
    parts: list[str] = []
    y = 24.0
    for row, title in _ROWS.items():
        middle = y + len(names) * _HEIGHT_PX / 2 + 4
        parts.append(f'<text x="{_LABEL_PX - 8}" y="{middle}" text-anchor="end">{title}</text>')
        for name in names:
            value = result[row][name]["median"]
            width = max(1.0, value / most * _BAR_PX)
            parts.append(
                f'<rect x="{_LABEL_PX}" y="{y}" width="{width:.1f}" height="{_HEIGHT_PX - 3}"'
                f' fill="{_COLORS[name]}"/>'
                f'<text x="{_LABEL_PX + width + 6:.1f}" y="{y + _HEIGHT_PX - 4}">'
                f"{value:.0f} ms · {_NAMES.get(name, name)}</text>"
            )
            y += _HEIGHT_PX
        y += _GAP_PX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH_PX}" height="{y:.0f}"'
        ' font-family="sans-serif" font-size="11" fill="#808080">'
        f'<text x="{_LABEL_PX}" y="12">from the start, medians of {result["runs"]}</text>'
        f"{''.join(parts)}</svg>\n"
    )
