"""The line under the header, which fills as a model arrives."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.renderables.bar import Bar
from textual.widget import Widget
from textual.widgets import Static

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import GeneratorState
    from shammah_tui.core.model.hardware import Gpu
    from shammah_tui.core.routing.context_window import ContextUse
    from shammah_tui.core.wording.status import StatusKeys


class ProgressRule(Widget):
    """A rule over the whole width; the part that is done stands out."""

    DEFAULT_CSS = """
    ProgressRule {
        height: 1;
        color: $primary;
        .progress-rule--rest { color: $rule; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"progress-rule--rest"}

    fraction: reactive[float | None] = reactive(None)
    """Share that is done, from 0 to 1; None is a plain rule."""

    def render(self) -> Bar | Text:
        """Draw the rule in half-cell steps, or in signs where colours would not tell."""
        done = 0.0 if self.fraction is None else self.size.width * self.fraction
        if self.app.no_color:
            return Text("=" * round(done) + "-" * (self.size.width - round(done)))
        return Bar(
            highlight_range=(0, done),
            highlight_style=self.rich_style,
            background_style=self.get_component_rich_style("progress-rule--rest", partial=True),
        )


NO_KEY = "no Claude key"
PRIVATE = "private"
TITLE_GAP = 3
LEAST_TITLE = 20
"""Cells of a title; less says nothing."""
ROOMY = 62
"""Cells from which on the state's words make room for that."""


class GeneratorHeader(Horizontal):
    """Two lines: what the generator does, and how far it is.

    Args:
        claude_available: Whether a Claude key is set; without one the header says so.
    """

    DEFAULT_CSS = """
    GeneratorHeader {
        height: 2;
        & > Static { width: auto; height: 1; }
        & > ProgressRule { dock: bottom; }
        .name { color: $primary; text-style: bold; margin: 0 2 0 1; }
        .status { width: 1fr; }
        .title { color: $text-muted; margin: 0 1 0 2; display: none; }
        .private { color: $warning; margin: 0 2 0 0; display: none; }
        &.-private .private { display: block; }
        .no-key { color: $warning; margin: 0 1 0 2; }
        &.-ready .status { color: $success; }
        &.-failed .status { color: $error; }
        &.-not-available .status { color: $warning; }
        &.-narrow .no-key, &.-not-available .no-key { display: none; }
    }
    """

    # The types behind these cost 25 ms, which the first frame does without.
    state: reactive["GeneratorState | None"] = reactive(None)
    """None is ``Initializing``, before anybody has looked."""
    keys: reactive["StatusKeys | None"] = reactive(None)
    """None is what they are called unless the settings say otherwise."""
    idle_gpus: reactive[tuple["Gpu", ...]] = reactive(())
    context_use: reactive["ContextUse | None"] = reactive(None)
    warming_tokens: reactive[int] = reactive(0)
    private: reactive[bool] = reactive(False)
    """Whether the conversation is."""
    title: reactive[str] = reactive("")
    """The conversation's; empty before its first question, and where it is private."""

    def __init__(self, *, claude_available: bool) -> None:
        super().__init__()
        self._claude_available = claude_available
        self._status = Static(classes="status", markup=False)
        self._title = Static(classes="title", markup=False)
        self._rule = ProgressRule()
        self.says_all = True
        """Whether the state's words found room, all of them."""

    def compose(self) -> ComposeResult:
        """Name, state, a note when there is no key, and the rule."""
        yield Static("Shammah", classes="name", markup=False)
        yield Static(PRIVATE, classes="private", markup=False)
        yield self._status
        yield self._title
        if not self._claude_available:
            yield Static(NO_KEY, classes="no-key", markup=False)
        yield self._rule

    def watch_state(self, state: "GeneratorState | None") -> None:
        """Show a new state at once."""
        if state is None:
            return
        from shammah_tui.core.local.generator import Failed, NotAvailable, Ready
        from shammah_tui.core.wording.status import progress

        self.set_class(isinstance(state, Ready), "-ready")
        self.set_class(isinstance(state, Failed), "-failed")
        self.set_class(isinstance(state, NotAvailable), "-not-available")
        self._rule.fraction = progress(state)
        self._write()

    def watch_keys(self) -> None:
        """Name the keys as they are bound."""
        self._write()

    def watch_idle_gpus(self) -> None:
        """Name the cards that stand idle."""
        self._write()

    def watch_context_use(self) -> None:
        """Say how full the context is."""
        self._write()

    def watch_warming_tokens(self) -> None:
        """Say that the conversation is being read ahead."""
        self._write()

    def watch_private(self, private: bool) -> None:
        """Say that the conversation is private."""
        self.set_class(private, "-private")
        self._write()

    def watch_title(self) -> None:
        """Name the conversation."""
        self._write()

    def on_resize(self, event: Resize) -> None:
        """Fit the words to the new width."""
        self.set_class(event.size.width < 60, "-narrow")
        self._write()

    def _write(self) -> None:
        if self.state is None:
            self._status.update(Content("Starting…"))
            return
        from shammah_tui.core.text.plain_text import cell_width
        from shammah_tui.core.wording.status import StatusKeys, fit, status_parts

        room = self.size.width - 2 - len("Shammah") - 2
        if not self._claude_available and not (
            self.has_class("-narrow") or self.has_class("-not-available")
        ):
            room -= len(NO_KEY) + 2
        if self.private:
            room -= len(PRIVATE) + 2
        parts = status_parts(
            self.state,
            self.keys or StatusKeys(),
            claude_available=self._claude_available,
            idle_gpus=self.idle_gpus,
            context_use=self.context_use,
            warming_tokens=self.warming_tokens,
        )
        room, whole = max(0, room), fit(parts, 10_000)
        self.says_all = fit(parts, room) == whole
        # The title has what the state's words leave, and at least a little where there is room.
        left = room - cell_width(whole) - TITLE_GAP
        title = _shortened(self.title, max(left, 0 if room < ROOMY else LEAST_TITLE))
        self._title.display = bool(title)
        self._title.update(Content(title))
        taken = cell_width(title) + TITLE_GAP if title else 0
        self._status.update(Content(fit(parts, max(0, room - taken))))


def _shortened(title: str, room: int) -> str:
    from shammah_tui.core.conversation.titles import fitted_title
    from shammah_tui.core.text.plain_text import cell_width, plain

    title = plain(title)
    if cell_width(title) <= room:
        return title
    return fitted_title(title, room) if room >= LEAST_TITLE else ""
