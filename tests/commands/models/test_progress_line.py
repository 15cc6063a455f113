"""Progress in a pipe and on terminals that cannot do much."""

import io

import pytest

from shammah_tui.commands.models.progress_line import EVERY_S, ProgressLine
from shammah_tui.core.wording.status import Part


def test_plain_lines_come_seldom() -> None:
    now = 0.0
    output = io.StringIO()
    line = ProgressLine(output, redraws=False, clock=lambda: now)
    for step in range(100):
        now = step / 10
        line.show((Part(f"{step} %"),), step / 100)
    line.clear()
    assert output.getvalue() == "".join(f"{round(n * EVERY_S * 10)} %\n" for n in range(4))


@pytest.mark.parametrize(
    ("encoding", "fraction", "bar"),
    [
        ("utf-8", 0.5, "█" * 9 + "░" * 10),
        ("ascii", 0.5, "#" * 9 + "-" * 10),
        ("utf-8", 0.999, "█" * 18 + "░"),
        ("utf-8", 1.0, "█" * 19),
    ],
)
def test_the_bar(encoding: str, fraction: float, bar: str) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding, newline="")
    ProgressLine(output, redraws=True).show((Part("so far"),), fraction)
    output.seek(0)
    assert output.read() == f"\r{bar}  so far\x1b[K"


def test_without_a_total_there_is_no_bar_and_the_line_can_go() -> None:
    output = io.StringIO()
    line = ProgressLine(output, redraws=True)
    line.clear()
    line.show((Part("looking"),), None)
    line.clear()
    line.clear()
    assert output.getvalue() == "\rlooking\x1b[K\r\x1b[2K"
