"""The base of all screens that follow the local model, with the keys that act on it."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import GeneratorState, Snapshot
    from shammah_tui.services.local.bootstrap import BootstrapLoader

Result = TypeVar("Result")


def with_resume(bindings: list[BindingType]) -> list[BindingType]:
    """Return ``bindings`` with the key that retries called Resume where that is what it does."""
    found: list[BindingType] = []
    for binding in bindings:
        found.append(binding)
        if isinstance(binding, Binding) and binding.action == "retry_model":
            found.append(replace(binding, action="resume_model", description="Resume"))
    return found


# Plain: a dataclass costs 1 ms before the first frame.
class GeneratorChanged(Message):
    """The local model's state changed; posted to the app from the loader's thread."""

    def __init__(self, snapshot: "Snapshot") -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Let a newer state take the place of one that has not been shown yet."""
        return isinstance(message, GeneratorChanged)


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
        if _offered(before.state) != _offered(after.state):
            self.refresh_bindings()
        if after.choices and not before.choices:
            self.choose_of_several()

    def choose_of_several(self) -> None:
        """A name may mean several models: let the user choose; for screens that can."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _ACTIONS:
            offered = _offered(self.snapshot.state) if self.is_following else {"cancel_model"}
            return action in offered
        return super().check_action(action, parameters)

    def action_cancel_model(self) -> None:
        """Cancel the download or the loading; what has arrived is kept."""
        self.loader.cancel()

    def action_retry_model(self) -> None:
        """Go on with the download, or load again."""
        self.loader.retry()

    def action_resume_model(self) -> None:
        self.loader.retry()


_ACTIONS = {"cancel_model", "retry_model", "resume_model"}


def _offered(state: "GeneratorState") -> set[str]:
    """Return the actions on the model that do something in a state."""
    # Deferred: 25 ms that the first frame does without.
    from shammah_tui.core.local import generator

    match state:
        case generator.Initializing() | generator.Loading():
            return {"cancel_model"}
        case generator.Downloading(pause=pause):
            return {"cancel_model"} if pause is None else {"cancel_model", "retry_model"}
        case generator.Failed(retryable=retryable):
            return {"retry_model"} if retryable else set()
        case generator.NotAvailable(generator.DownloadCancelled(_, done_bytes, _)) if done_bytes:
            return {"resume_model"}
        case generator.NotAvailable():
            return {"retry_model"}
        case _:
            return set()
