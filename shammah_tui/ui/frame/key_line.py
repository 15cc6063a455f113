"""The line at the bottom that names the keys."""

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import MouseDown, MouseMove
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from shammah_tui.core.text.key_fit import shown_keys
from shammah_tui.ui.frame.plain_mode import is_plain

_DIM = Style(dim=True)


class OfferedKey(NamedTuple):
    """One key, as it is shown, with its word; ``key`` is what Textual calls it."""

    key_display: str
    description: str
    is_off: bool
    key: str


class KeyLine(Widget):
    """What the keys do now, the palette's at the right; a click presses one.

    It looks as Textual's ``Footer``. That makes a widget for each key, once everything else was
    drawn: 40 ms of the program's start, and 7 ms at each change.
    """

    IS_OF_PANEL = False
    """Whether the palette has no key here."""
    ALLOW_SELECT = False
    can_focus = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "key-line--key",
        "key-line--word",
        "key-line--divider",
    }
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        pointer: pointer;
        .key-line--key {
            color: $footer-key-foreground;
            background: $footer-key-background;
            text-style: bold;
        }
        .key-line--word {
            color: $footer-description-foreground;
            background: $footer-description-background;
        }
        .key-line--divider { color: $foreground 20%; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._offered: list[OfferedKey] | None = None
        self._ends: dict[int, int] = {}
        self._pointed_at = -1

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # The keys of a screen that covers this one are not ours, nor those without the focus; and
        # what ours do would be asked of the screen on top.
        if self.app.app_focus and screen is self.screen and screen.is_current:
            self._offered = None
            self.refresh()

    @property
    def offered(self) -> list[OfferedKey]:
        """The keys that are shown; where there is a palette, its key is the last."""
        if self._offered is None:
            self._offered = self._look_up()
        return self._offered

    def _look_up(self) -> list[OfferedKey]:
        active = self.screen.active_bindings
        palette = self.app.COMMAND_PALETTE_BINDING
        hidden: frozenset[str] = getattr(self.screen, "hidden_actions", frozenset())
        by_action: dict[str, tuple[Binding, bool]] = {}
        for _, binding, enabled, _ in active.values():
            if binding.show and binding.action not in hidden:
                by_action.setdefault(binding.action, (binding, enabled))
        shown = list(by_action.values())
        if palette in active and not self.IS_OF_PANEL:
            shown.append((active[palette].binding, active[palette].enabled))
        return [
            OfferedKey(
                self.app.get_key_display(binding), binding.description, not enabled, binding.key
            )
            for binding, enabled in shown
        ]

    def render_line(self, y: int) -> Strip:
        if y or (self.app.screen is not self.screen and not self.IS_OF_PANEL):
            # Of a panel's keys these are none.
            return Strip.blank(self.size.width, self.rich_style)
        right: list[Segment] = []
        docked = [] if self.IS_OF_PANEL else self.offered[-1:]
        keys = self.offered[: len(self.offered) - len(docked)]
        for key in docked:
            border = [] if is_plain(self) else [Segment("▏", self._style("divider"))]
            number = len(self.offered) - 1
            right = [*border, *self._drawn(number, key.key_display, f" {key.description} ")]
        width = self.size.width
        room = max(0, width - sum(segment.cell_length for segment in right))
        self._ends = {}
        left: list[Segment] = []
        kept, more = shown_keys([key[:3] for key in keys], room)
        for number in kept:
            key = keys[number]
            left += self._drawn(number, f" {key.key_display} ", f"{key.description} ")
            self._ends[number] = sum(segment.cell_length for segment in left)
        if more:
            left.append(Segment(more, self._style("word")))
        strip = Strip(left).adjust_cell_length(room, self.rich_style)
        return Strip.join([strip, Strip(right)]).crop(0, width)

    def _drawn(self, number: int, name: str, word: str) -> list[Segment]:
        key = self.offered[number]
        mark = _DIM if key.is_off else Style.null()
        if number == self._pointed_at:
            mark += Style(reverse=True)
        return [Segment(name, self._style("key") + mark), Segment(word, self._style("word") + mark)]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"key-line--{name}")

    def _key_at(self, x: int) -> int:
        """Return the number of the key at a column; -1 where there is none."""
        if not self.offered:
            return -1
        last = self.offered[-1]
        if not self.IS_OF_PANEL and x >= self.size.width - cell_len(
            f"▏{last.key_display} {last.description} "
        ):
            return len(self.offered) - 1
        return next((number for number, end in self._ends.items() if x < end), -1)

    def on_mouse_move(self, event: MouseMove) -> None:
        self._point_at(self._key_at(event.x))

    def on_leave(self) -> None:
        self._point_at(-1)

    def _point_at(self, number: int) -> None:
        if number != self._pointed_at:
            self._pointed_at = number
            self.refresh()

    def on_mouse_down(self, event: MouseDown) -> None:
        number = self._key_at(event.x)
        if number < 0:
            return
        key = self.offered[number]
        if key.is_off:
            self.app.bell()
        else:
            self.app.simulate_key(key.key)


class PanelKeys(KeyLine):
    """What the keys of a panel do now: whole words, and ``…`` where not all have room.

    It stays as it is while a dialog is over the panel.
    """

    DEFAULT_CSS = """
    PanelKeys, PanelKeys .key-line--key, PanelKeys .key-line--word { background: $surface; }
    """
    IS_OF_PANEL = True
