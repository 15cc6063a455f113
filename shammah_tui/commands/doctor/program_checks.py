"""This program, the settings it reads and the log it writes."""

import os
import platform
import sys
from pathlib import Path

from shammah_tui import __version__
from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import doctor as words


def check_program() -> Finding:
    python, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    return Finding(
        "program",
        "Program",
        Mark.GOOD,
        words.program(__version__, python, system),
        facts={
            "version": __version__,
            "python": python,
            "executable": sys.executable,
            "system": platform.system(),
            "machine": platform.machine(),
        },
    )


def check_settings(path: Path, problems: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return where the settings are, and one finding for each thing in them that is wrong."""
    exists, where = path.exists(), plain(str(path))
    facts: dict[str, Fact] = {"path": str(path), "exists": exists, "problems": problems}
    if not problems:
        says = where if exists else words.no_settings(where)
        return (Finding("settings", "Settings", Mark.GOOD, says, facts=facts),)
    says, advice = words.settings_problems(where, len(problems))
    head = Finding("settings", "Settings", Mark.DOUBTFUL, says, advice, facts)
    lines = [plain(problem).removeprefix(f"{where}: ") for problem in problems]
    return head, *(Finding("settings.problem", "", Mark.DOUBTFUL, line) for line in lines)


def check_log(folder: Path) -> Finding:
    where = plain(str(folder))
    writable = os.access(folder, os.W_OK | os.X_OK)
    facts: dict[str, Fact] = {"path": str(folder), "writable": writable}
    if writable:
        return Finding("log", "Log", Mark.GOOD, where, facts=facts)
    return Finding("log", "Log", Mark.DOUBTFUL, *words.no_log(where), facts)
