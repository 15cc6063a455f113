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
        """Show the keys that do something now."""
        if _acts(before.state) != _acts(after.state):
            self.refresh_bindings()
        if after.choices and not before.choices:
            self.choose_of_several()

    def choose_of_several(self) -> None:
        """A name may mean several models: let the user choose; for screens that can."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to cancel what is under way, and to retry what is not or what waits."""
        can_cancel, can_retry, can_resume = (
            _acts(self.snapshot.state) if self.is_following else (True, False, False)
        )
        if action == "cancel_model":
            return can_cancel
        if action == "retry_model":
            return can_retry
        if action == "resume_model":
            return can_resume
        return super().check_action(action, parameters)

    def action_cancel_model(self) -> None:
        """Cancel the download or the loading; what has arrived is kept."""
        self.loader.cancel()

    def action_retry_model(self) -> None:
        """Go on with the download, or load again."""
        self.loader.retry()

    def action_resume_model(self) -> None:
        """Go on with the download that was cancelled."""
        self.loader.retry()


def _acts(state: "GeneratorState") -> tuple[bool, bool, bool]:
    """Return whether it can be cancelled, retried, and resumed."""
    # Deferred: 25 ms that the first frame does without.
    from shammah_tui.core.local.generator import (
        DownloadCancelled,
        Downloading,
        Failed,
        Initializing,
        Loading,
        NotAvailable,
    )

    match state:
        case Initializing() | Loading():
            return (True, False, False)
        case Downloading(pause=pause):
            return (True, pause is not None, False)
        case Failed(retryable=retryable):
            return (False, retryable, False)
        case NotAvailable(DownloadCancelled(_, done_bytes, _)) if done_bytes:
            return (False, False, True)
        case NotAvailable():
            return (False, True, False)
        case _:
            return (False, False, False)
