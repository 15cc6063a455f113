"""What stands behind the screen."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.core.settings.settings import Settings
    from shammah_tui.ports import Clipboard
    from shammah_tui.services.conversation.chat_session import ChatSession
    from shammah_tui.services.local.bootstrap import BootstrapLoader
    from shammah_tui.services.local.model_shelf import ModelShelf


class Parts:
    """Made while the screen takes keys already: the imports take longer than the screen's own.

    Plain, because a dataclass costs 1 ms before the first frame.

    Attributes:
        loader: Who brings the local model up.
        session: Who has questions answered.
        shelf: Who knows the models.
        settings: What the user has set.
        problems: What is wrong with the settings, a line each.
        warm_up: Run once, for what is slow to import; None where there is nothing.
        clipboard: The system's clipboard; None where only the terminal has one.
    """

    def __init__(
        self,
        loader: "BootstrapLoader",
        session: "ChatSession",
        shelf: "ModelShelf",
        settings: "Settings",
        *,
        problems: tuple[str, ...] = (),
        warm_up: Callable[[], Awaitable[None]] | None = None,
        clipboard: "Clipboard | None" = None,
    ) -> None:
        self.loader = loader
        self.session = session
        self.shelf = shelf
        self.settings = settings
        self.problems = problems
        self.warm_up = warm_up
        self.clipboard = clipboard


MakeParts = Callable[["Callable[[Snapshot], None]", Callable[[str], None]], Parts]
"""Makes the parts, given where snapshots and where sentences for the user go; on any thread.

Raises:
    ShammahError: What the command line asks for is not there to be had.
"""
