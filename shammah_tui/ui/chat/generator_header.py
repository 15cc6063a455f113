"""The local model on the screen: the header that shows it, and screens that can act on it."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.renderables.bar import Bar
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from shammah_tui.core.wording.first_frame import NAME, NARROW, NO_KEY, STARTING

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.core.routing.context_window import ContextUse
    from shammah_tui.core.wording.status import HeaderWords, StatusKeys
    from shammah_tui.services.local.bootstrap import BootstrapLoader

Result = TypeVar("Result")


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
    claude_available: reactive[bool] = reactive(False, init=False)
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
        self.set_reactive(GeneratorHeader.claude_available, claude_available)
        self._no_key = Static(NO_KEY, classes="no-key", markup=False)
        self._status = Static(classes="status", markup=False)
        self._title = Static(classes="title", markup=False)
        self._rule = ProgressRule()

    def compose(self) -> ComposeResult:
        yield Static(NAME, classes="name", markup=False)
        yield Static(PRIVATE, classes="private", markup=False)
        yield self._status
        yield self._title
        if not self.claude_available:
            yield self._no_key
        yield self._rule

    async def watch_claude_available(self, has_key: bool) -> None:
        if not self.is_mounted:
            return
        if has_key:
            await self._no_key.remove()
        elif not self._no_key.is_attached:
            self._no_key = Static(NO_KEY, classes="no-key", markup=False)
            await self.mount(self._no_key, before=self._rule)
        self._write()

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
        if not self.claude_available and not is_short:
            room -= len(NO_KEY) + 2
        if self.private:
            room -= len(PRIVATE) + 2
        return header_words(
            snapshot.state,
            self.keys,
            max(0, room),
            claude_available=self.claude_available,
            title=self.title,
            idle_gpus=snapshot.hardware.idle_gpus if snapshot.hardware is not None else (),
            context_use=self.context_use,
            warming_tokens=self.warming_tokens,
            active=snapshot.active,
            next_rung=snapshot.next_rung,
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


_INSTEAD = {
    "retry_model": {"resume_model": "Resume", "download_model": "Download"},
    "cancel_model": {"decline_model": "Not now"},
}
"""What else the keys of an action on the model do, and what it is called: in other states."""


def with_model_actions(bindings: list[BindingType]) -> list[BindingType]:
    """Return ``bindings`` with the model's keys called by what they do now."""
    found: list[BindingType] = []
    for binding in bindings:
        if isinstance(binding, Binding):
            # First, so that they have the key while they can be done.
            for action, word in _INSTEAD.get(binding.action, {}).items():
                found.append(replace(binding, action=action, description=word))
        found.append(binding)
    return found


class ModelScreen(Screen[Result]):
    """A screen that follows the local model and can cancel and retry."""

    loader: "BootstrapLoader"
    """There is none before ``follow``."""

    # A snapshot to begin with would cost 25 ms of imports before the first frame.
    snapshot: reactive["Snapshot"] = reactive(
        cast("Snapshot", None), init=False, always_update=True
    )
    """Set by the app whenever something changes, not before ``follow``."""

    @property
    def is_following(self) -> bool:
        """Whether there is a loader, and what the screen shows is its."""
        return self.snapshot is not None

    def follow(self, loader: "BootstrapLoader") -> None:
        """Show the local model that ``loader`` brings up from now on."""
        self.loader = loader
        self.set_reactive(ModelScreen.snapshot, loader.snapshot)

    def watch_snapshot(self, before: "Snapshot", after: "Snapshot") -> None:
        if _offered(before) != _offered(after):
            self.refresh_bindings()
        if after.choices and not before.choices:
            self.choose_of_several()

    def choose_of_several(self) -> None:
        """A name may mean several models: let the user choose; for screens that can."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _ACTIONS:
            offered = _offered(self.snapshot) if self.is_following else {"cancel_model"}
            return bool(offered & {action, *_INSTEAD.get(action, ())})
        return super().check_action(action, parameters)

    def action_cancel_model(self) -> None:
        """Cancel the download or the loading; what has arrived is kept."""
        self.loader.cancel()

    def action_retry_model(self) -> None:
        """Go on with the download, or load again."""
        self.loader.retry()

    def action_resume_model(self) -> None:
        self.loader.retry()

    def action_download_model(self) -> None:
        """Agree to the download that is offered, or was."""
        self.loader.agree()

    def action_decline_model(self) -> None:
        self.loader.decline()


_ACTIONS = {*_INSTEAD, *(action for others in _INSTEAD.values() for action in others)}


def _offered(snapshot: "Snapshot") -> set[str]:
    """Return the actions on the model that do something now."""
    # Deferred: 25 ms that the first frame does without.
    from shammah_tui.core.local import generator

    match snapshot.state:
        case generator.Ready() if snapshot.next_rung is not None:
            return {"cancel_model"}
        case generator.Initializing() | generator.Loading():
            return {"cancel_model"}
        case generator.Downloading(pause=pause):
            return {"cancel_model"} if pause is None else {"cancel_model", "retry_model"}
        case generator.Failed(retryable=retryable):
            return {"retry_model"} if retryable else set()
        case generator.NotAvailable(generator.DownloadCancelled(_, done_bytes, _)) if done_bytes:
            return {"resume_model"}
        case generator.NotAvailable(generator.NotAgreed(is_declined=is_declined)):
            return {"download_model"} if is_declined else {"download_model", "decline_model"}
        case generator.NotAvailable(generator.SeveralThere()):
            # To ask again would find the same.
            return set()
        case generator.NotAvailable():
            return {"retry_model"}
        case _:
            return set()
