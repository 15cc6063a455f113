"""Asks what shall be exported and where to, and does it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from platformdirs import user_downloads_path
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input, RadioButton, RadioSet

from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording import notices
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.conversation.exporting import whole_file, write_conversations
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.panel import Panel
from shammah_tui.ui.panels.path_input import home_path
from shammah_tui.ui.panels.save_code import SavingError, path_of, saving_error

_SUFFIXES = {False: ".md", True: ".json"}
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What is to be written, and where to: JSON loses nothing, Markdown is to be read."""

    name: str
    everything: bool = False
    as_json: bool = False


class _Choice(RadioButton):
    """Says by its sign, not by its colour alone, whether it is chosen."""

    # Textual draws them in the button's background, which is to be that of the dialog.
    BUTTON_LEFT = BUTTON_RIGHT = ""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        return "(●)" if self.value else "( )"


class ExportPanel(Panel[ExportWish]):
    """Two choices and a file name."""

    DEFAULT_CSS = """
    ExportPanel {
        RadioSet { background: $surface; margin: 0 0 1 0; }
        RadioSet:focus { background-tint: $foreground 0%; }
        RadioSet > RadioButton > .toggle--button, RadioSet > RadioButton.-on > .toggle--button {
            color: $foreground;
            background: $surface;
        }
        RadioSet:nocolor:focus > RadioButton.-selected > .toggle--label {
            text-style: bold underline;
        }
    }
    """
    TITLE = "Export"
    HINT = notices.ENTER_EXPORTS
    # The name is typed first.
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the lists of choices, which would take it for Space.
        Binding("enter", "export", "Export", priority=True),
        Binding("escape", "close", "Cancel"),
    ]

    def __init__(self, wish: ExportWish, *, has_present: bool) -> None:
        super().__init__()
        everything = wish.everything or not has_present
        self._present = _Choice("This conversation", not everything, disabled=not has_present)
        self._all = _Choice("All conversations", everything)
        self._markdown = _Choice("Markdown, to read", not wish.as_json)
        self._json = _Choice("JSON (complete, can be imported)", wish.as_json)
        self._file = Input(wish.name, max_length=4096)

    def content(self) -> ComposeResult:
        yield RadioSet(self._present, self._all, compact=True)
        yield RadioSet(self._markdown, self._json, compact=True)
        yield self._file

    def on_radio_set_changed(self) -> None:
        name = self._file.value
        other = _SUFFIXES[not self._json.value]
        if name.lower().endswith(other):
            self._file.value = name[: -len(other)] + _SUFFIXES[self._json.value]

    def action_export(self) -> None:
        name = self._file.value.strip()
        if name:
            self.dismiss(ExportWish(name, self._all.value, self._json.value))
        else:
            self._file.focus()
            self.notify(notices.NO_FILE_NAME)


async def export_from(screen: Screen[None], session: ChatSession, name: str) -> None:
    """Ask, write, and say where it is; a name that is empty proposes one."""
    present_id = session.conversation.id
    as_json = name.lower().endswith(_SUFFIXES[True])
    proposed = name or str(home_path(_folder() / await _proposed_name(session)))
    wish = ExportWish(proposed, as_json=as_json)
    while True:
        asked = ExportPanel(wish, has_present=present_id is not None)
        answer = await screen.app.push_screen_wait(asked)
        if answer is None:
            return
        wish = answer
        try:
            path, count = await _write(screen, session, wish)
        except (SavingError, StoreError) as error:
            screen.notify(str(error), severity="error", markup=False)
            continue
        if path is not None:
            many = "" if count == 1 else f"{count} conversations, "
            screen.notify(f"Exported: {many}{path}", timeout=15, markup=False)
            return


async def _write(
    screen: Screen[None], session: ChatSession, wish: ExportWish
) -> tuple[Path | None, int]:
    """Write it; no path where the user would rather have another name."""
    path = path_of(wish.name, f"conversations{_SUFFIXES[wish.as_json]}")
    present_id = session.conversation.id
    # What is private is exported by itself only.
    store = session.store if wish.everything else session.conversation.store
    ids = None if wish.everything or present_id is None else (present_id,)
    overwrite = False
    while True:
        try:
            with whole_file(path, overwrite=overwrite) as output:
                count = await write_conversations(store, ids, output.write, as_json=wish.as_json)
        except FileExistsError:
            question = notices.overwrite_question(path.name)
            if not await screen.app.push_screen_wait(Confirm(question, "Overwrite")):
                return None, 0
            overwrite = True
        except OSError as error:
            raise saving_error(path, error) from error
        else:
            return path.resolve(), count


async def _proposed_name(session: ChatSession) -> str:
    present_id = session.conversation.id
    title = "conversations"
    if present_id is not None:
        with suppress(StoreError):
            opened = await session.conversation.store.open(present_id)
            title = title if opened is None else opened.summary.title
    words = re.findall(r"\w+", title.lower())
    name = ""
    for word in words:
        if len(f"{name}-{word}") > _NAME_LENGTH:
            break
        name = f"{name}-{word}" if name else word
    return f"{name or 'conversation'}{_SUFFIXES[False]}"


def _folder() -> Path:
    downloads = user_downloads_path()
    return downloads if downloads.is_dir() else Path.cwd()
