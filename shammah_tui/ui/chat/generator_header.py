"""The header of the chat: the local model's state, and under it a rule that fills as it arrives."""

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

from shammah_tui.core.wording.first_frame import NAME, NARROW, NO_KEY, STARTING

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.core.routing.context_window import ContextUse
    from shammah_tui.core.wording.status import HeaderWords, StatusKeys


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


STATE_CLASSES = ("-ready", "-failed", "-not-available")
PRIVATE = "private"


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
    snapshot: reactive["Snapshot | None"] = reactive(None)
    """None is before the first one."""
    keys: reactive["StatusKeys | None"] = reactive(None)
    """None is what they are called unless the settings say otherwise."""
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

    def compose(self) -> ComposeResult:
        yield Static(NAME, classes="name", markup=False)
        yield Static(PRIVATE, classes="private", markup=False)
        yield self._status
        yield self._title
        if not self._claude_available:
            yield Static(NO_KEY, classes="no-key", markup=False)
        yield self._rule

    def watch_private(self, private: bool) -> None:
        self.set_class(private, "-private")
        self._write()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")
        self._write()

    def words(self, snapshot: "Snapshot") -> "HeaderWords":
        """Return what there is room to say of ``snapshot``."""
        # Deferred: 25 ms before the first frame.
        from shammah_tui.core.wording.status import header_words, state_class

        room = self.size.width - 2 - len(NAME) - 2
        is_short = self.has_class("-narrow") or state_class(snapshot.state) == "-not-available"
        if not self._claude_available and not is_short:
            room -= len(NO_KEY) + 2
        if self.private:
            room -= len(PRIVATE) + 2
        return header_words(
            snapshot.state,
            self.keys,
            max(0, room),
            claude_available=self._claude_available,
            title=self.title,
            idle_gpus=snapshot.hardware.idle_gpus if snapshot.hardware is not None else (),
            context_use=self.context_use,
            warming_tokens=self.warming_tokens,
        )

    def _write(self) -> None:
        if self.snapshot is None:
            self._status.update(Content(STARTING))
            return
        from shammah_tui.core.wording.status import progress, state_class

        own = state_class(self.snapshot.state)
        for each in STATE_CLASSES:
            self.set_class(each == own, each)
        self._rule.fraction = progress(self.snapshot.state)
        words = self.words(self.snapshot)
        self._title.display = bool(words.title)
        self._title.update(Content(words.title))
        self._status.update(Content(words.status))

    watch_snapshot = watch_keys = watch_title = _write
    watch_context_use = watch_warming_tokens = _write
