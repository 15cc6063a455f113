"""``shammah config``: writes, opens and checks the settings file."""

import argparse
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.wording import config as words

EDITORS = ("nano", "vi", "notepad")
"""What is tried, in this order, where neither VISUAL nor EDITOR names one."""


def sample() -> str:
    """Return the settings file that changes nothing: every setting with its default, commented."""
    return (files("shammah_tui.core.settings") / "sample.toml").read_text(encoding="utf-8")


def run_config(
    options: argparse.Namespace,
    path: Path,
    problems: Callable[[], tuple[str, ...]],
    environment: Mapping[str, str],
    console: Console,
) -> ExitStatus:
    """Do what ``options.action`` says; without one, check.

    Args:
        options: The parsed command line.
        path: The settings file.
        problems: Reads the file, and returns one line for each thing that cannot be used.
        environment: Where ``VISUAL`` and ``EDITOR`` may stand.
        console: Where to write.
    """
    match options.action:
        case "init":
            return _write_sample(path, console)
        case "edit":
            return _edit(path, problems, environment, console)
        case _:
            return _check(path, problems, console)


def _write_sample(path: Path, console: Console) -> ExitStatus:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(sample())
    except FileExistsError:
        console.complain(words.exists(path))
        return ExitStatus.FAILED
    except OSError as error:
        console.complain(words.not_written(path, error.strerror or str(error)))
        return ExitStatus.FAILED
    console.tell(words.written(path))
    return ExitStatus.DONE


def _edit(
    path: Path,
    problems: Callable[[], tuple[str, ...]],
    environment: Mapping[str, str],
    console: Console,
) -> ExitStatus:
    command = _editor(environment)
    if not command:
        console.complain(words.no_editor(path))
        return ExitStatus.FAILED
    if not os.path.lexists(path):
        status = _write_sample(path, console)
        if status is not ExitStatus.DONE:
            return status
    try:
        status_code = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        console.complain(words.editor_failed(command[0], error.strerror or str(error)))
        return ExitStatus.FAILED
    if status_code != 0:
        console.complain(words.editor_ended(command[0], status_code))
        return ExitStatus.FAILED
    return _check(path, problems, console)


def _editor(environment: Mapping[str, str]) -> list[str]:
    """Return the command that opens an editor; empty where none is found or it is unreadable."""
    named = (environment.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    command = next(filter(None, named), "")
    if command:
        try:
            return shlex.split(command)
        except ValueError:
            return []
    found = next(filter(None, map(shutil.which, EDITORS)), None)
    return [found] if found else []


def _check(path: Path, problems: Callable[[], tuple[str, ...]], console: Console) -> ExitStatus:
    found = problems()
    for each in found:
        console.complain(each)
    if found:
        return ExitStatus.FAILED
    console.tell(words.fine(path) if path.exists() else words.absent(path))
    return ExitStatus.DONE
