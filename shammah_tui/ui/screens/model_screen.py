"""What every screen knows of the local model, and the keys that act on it everywhere."""

from typing import TYPE_CHECKING, TypeVar

from textual.reactive import reactive
from textual.screen import Screen

from shammah_tui.core.generator import Downloading, Failed, Initializing, Loading, NotAvailable
from shammah_tui.services.bootstrap import BootstrapLoader
from shammah_tui.services.local_side import Snapshot

if TYPE_CHECKING:
    from shammah_tui.core.generator import GeneratorState

Result = TypeVar("Result")


class ModelScreen(Screen[Result]):
    """A screen that follows the local model and can cancel and retry.

    Args:
        loader: Who brings the model up.
    """

    snapshot: reactive[Snapshot] = reactive(
        Snapshot(Initializing()), init=False, always_update=True
    )
    """Set by the app whenever something changes."""

    def __init__(self, loader: BootstrapLoader) -> None:
        super().__init__()
        self.loader = loader
        self.set_reactive(ModelScreen.snapshot, loader.snapshot)

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        """Show the keys that do something now."""
        if _acts(before.state) != _acts(after.state):
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to cancel what is under way, and to retry what is not or what waits."""
        can_cancel, can_retry = _acts(self.snapshot.state)
        if action == "cancel_model":
            return can_cancel
        if action == "retry_model":
            return can_retry
        return super().check_action(action, parameters)

    def action_cancel_model(self) -> None:
        """Cancel the download or the loading; what has arrived is kept."""
        self.loader.cancel()

    def action_retry_model(self) -> None:
        """Go on with the download, or load again."""
        self.loader.retry()


def _acts(state: "GeneratorState") -> tuple[bool, bool]:
    match state:
        case Initializing() | Loading():
            return (True, False)
        case Downloading(note=note):
            return (True, bool(note))
        case Failed() | NotAvailable():
            return (False, True)
        case _:
            return (False, False)
