"""Asks where a code block shall be saved, and saves it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from shammah_tui.core.text.plain_text import shown_lines
from shammah_tui.core.wording import notices
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.panel import Panel
from shammah_tui.ui.reply.code_blocks import CodeText

LINES_SHOWN = 4


class SaveCode(Panel[tuple[int, str]]):
    """A file name for one of the blocks; the answer is the block's index and the name.

    The name that is proposed is one from the block's language where ``name`` is empty.
    """

    DEFAULT_CSS = "SaveCode .code { color: $text-muted; margin: 1 0; text-wrap: nowrap; }"
    HINT = notices.ENTER_SAVES

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "Cancel"),
        ("up", "choose(-1)", "Previous block"),
        ("down", "choose(1)", "Next block"),
    ]

    def __init__(self, codes: Sequence[CodeText], index: int = 0, name: str = "") -> None:
        super().__init__()
        self._codes = codes
        self._index = index
        self._title = Static(markup=False)
        self._code = Static(classes="code", markup=False)
        self._file = Input(name or codes[index].file_name, max_length=4096)

    def content(self) -> ComposeResult:
        yield self._title
        yield self._code
        yield self._file

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        count = len(self._codes)
        self._title.update(Content(notices.save_code(self._index + 1, count)))
        lines = shown_lines(self._codes[self._index].code.rstrip("\n")).split("\n")
        shown = lines[:LINES_SHOWN]
        if len(lines) > LINES_SHOWN:
            shown.append(f"… {len(lines) - LINES_SHOWN} more")
        self._code.update(Content("\n".join(shown)))

    def action_choose(self, step: int) -> None:
        """Propose another block; a name that was typed stays."""
        is_proposed = self._file.value == self._codes[self._index].file_name
        self._index = (self._index + step) % len(self._codes)
        if is_proposed:
            self._file.value = self._codes[self._index].file_name
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        self.dismiss((self._index, name) if name else None)


class SavingError(Exception):
    """A file could not be written; the message is a sentence for the screen."""


async def save_code(screen: Screen[None], codes: Sequence[CodeText], index: int) -> None:
    """Ask for a name for a block, ``index`` at first, save it, and say where it is."""
    name, app = "", screen.app
    while True:
        answer = await app.push_screen_wait(SaveCode(codes, index, name))
        if answer is None:
            return
        index, name = answer
        try:
            path = path_of(name, codes[index].file_name)
            try:
                await asyncio.to_thread(_write, path, codes[index].code, "x")
            except FileExistsError:
                question = notices.overwrite_question(path.name)
                if not await app.push_screen_wait(Confirm(question, "Overwrite")):
                    continue
                await asyncio.to_thread(_write, path, codes[index].code, "w")
        except SavingError as error:
            screen.notify(str(error), severity="error", markup=False)
            continue
        screen.notify(f"Saved as {path}", markup=False)
        return


def path_of(name: str, default_name: str) -> Path:
    """Return the file that the user means: ``~`` is their home, a folder takes the default name.

    Raises:
        SavingError: There is no such home.
    """
    try:
        path = Path(name).expanduser()
        return path / default_name if path.is_dir() or name.endswith("/") else path
    except (RuntimeError, OSError, ValueError) as error:
        raise SavingError(notices.not_a_place(name, error)) from error


def saving_error(path: Path, error: Exception) -> SavingError:
    """Return what is said of a file that cannot be written."""
    if isinstance(error, FileNotFoundError):
        return SavingError(notices.no_folder(path.parent))
    reason = getattr(error, "strerror", None) or str(error)
    return SavingError(notices.not_written(path, reason))


def _write(path: Path, text: str, mode: str) -> None:
    """Write a file in UTF-8, with the line ends of ``text``; mode ``x`` leaves one that is there.

    Raises:
        FileExistsError: It is there, and the mode is ``x``.
        SavingError: It cannot be written.
    """
    try:
        with path.open(mode, encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise
    except (OSError, ValueError) as error:
        raise saving_error(path, error) from error
