"""Takes a key for Claude, checks it, and says what became of it."""

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from shammah_tui.core.errors import BackendProblem
from shammah_tui.core.text.secrets import slip_in, tidied
from shammah_tui.core.wording import claude as words
from shammah_tui.services.services import CheckKey, Services
from shammah_tui.ui.panels.panel import Panel

FORGET = "forget"


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that is to be kept.

    Attributes:
        key: It.
        is_checked: Whether the API took it; otherwise that could not be found out.
    """

    key: str
    is_checked: bool

    def __repr__(self) -> str:
        return "GivenKey"


class _KeyInput(Input):
    """Shows dots, and hands nothing to the clipboard."""

    def action_copy(self) -> None:
        self.app.bell()

    def action_cut(self) -> None:
        self.app.bell()


class KeyPanel(Panel[GivenKey]):
    """A hidden field; Enter checks what is in it.

    Args:
        check: Asks the API.
        variable: The environment's variable that has a key already; empty where none has.
        key: What stands in the field at first, and is checked at once.
    """

    DEFAULT_CSS = """
    KeyPanel {
        Input { margin: 1 0 0 0; }
        .said { color: $warning; height: auto; min-height: 1; }
        .said.-calm { color: $text-muted; }
    }
    """
    TITLE = words.KEY_PANEL
    HINT = words.KEY_PANEL_KEYS
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    def __init__(self, check: CheckKey, variable: str, key: str = "") -> None:
        super().__init__()
        self._check = check
        self._field = _KeyInput(key, password=True, max_length=4096, select_on_focus=False)
        self._said = Static(classes="said -calm", markup=False)
        self._variable = variable
        self._is_checking = False
        self._unchecked = ""
        """The key that may be kept though it could not be checked."""

    def content(self) -> ComposeResult:
        yield Static(words.KEY_PANEL_TEXT, markup=False)
        yield self._field
        yield self._said

    def on_mount(self) -> None:
        if self._variable:
            self._say(words.environment_first(self._variable), calm=True)
        if self._field.value:
            self._take()

    def on_input_submitted(self) -> None:
        self._take()

    def on_input_changed(self) -> None:
        self._unchecked = ""

    def _take(self) -> None:
        key = tidied(self._field.value)
        if self._is_checking:
            return
        if not key:
            self._say(words.NO_KEY_TYPED)
        elif slip := slip_in(key):
            self._say(words.key_trouble(words.key_slip("", slip), may_keep=False))
        elif key == self._unchecked:
            self.dismiss(GivenKey(key, is_checked=False))
        else:
            self._is_checking = True
            self._say(words.CHECKING_KEY, calm=True)
            self._ask(key)

    @work
    async def _ask(self, key: str) -> None:
        try:
            error = await self._check(key)
        finally:
            self._is_checking = False
        if error is None:
            self.dismiss(GivenKey(key, is_checked=True))
            return
        may_keep = error.problem is not BackendProblem.BAD_KEY
        self._unchecked = key if may_keep and key == tidied(self._field.value) else ""
        self._say(words.key_trouble(error, may_keep=bool(self._unchecked)))

    def _say(self, sentence: str, *, calm: bool = False) -> None:
        self._said.set_class(calm, "-calm")
        self._said.update(sentence)


async def change_key(screen: Screen[None], services: Services, argument: str) -> None:
    """Forget the key that is kept, or have one given; say what became of it.

    Args:
        screen: Over which it is asked.
        services: Those that have the key.
        argument: ``forget``, or a key, or nothing.
    """
    key = services.key
    if argument.lower() == FORGET:
        said = words.key_forgotten(await key.forget(), key.variable)
    else:
        panel = KeyPanel(services.check_key, key.variable, argument)
        given = await screen.app.push_screen_wait(panel)
        if given is None:
            return
        kept = await key.keep(given.key)
        said = words.key_kept(kept, key.variable, is_checked=given.is_checked)
    screen.notify(said, title=words.KEY_PANEL, timeout=12, markup=False)
