"""What the chat and ``shammah ask`` work with; ``wiring`` makes it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from shammah_tui.core.errors import BackendError
from shammah_tui.core.local.generator import Snapshot
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ports import ClaudeKey, Clipboard
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.model_list import ModelList

CheckKey = Callable[[str], Coroutine[Any, Any, BackendError | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one run of the program.

    Attributes:
        settings: What the user has set.
        plan: What is to be loaded.
        loader: Brings the local model up.
        session: Has questions answered and keeps the conversation.
        models: Lists the models.
        problems: What is wrong with the settings, a line each.
        clipboard: The system's clipboard; None where only the terminal has one.
        key: Claude's key; None where none can be given.
        check_key: Asks Claude's API whether it takes a key, and returns why not.
        warm_up: Imports Claude's SDK; None where there is none.
        aclose: Closes Claude's connections; None where there are none.
    """

    settings: Settings
    plan: LoadPlan
    loader: BootstrapLoader
    session: ChatSession
    models: ModelList
    key: ClaudeKey
    check_key: CheckKey
    problems: tuple[str, ...] = ()
    clipboard: Clipboard | None = None
    warm_up: Callable[[], Coroutine[Any, Any, None]] | None = None
    aclose: Callable[[], Coroutine[Any, Any, None]] | None = None


MakeServices = Callable[[Callable[[Snapshot], None], Callable[[str], None]], Services]
"""Makes the services, given where snapshots and where sentences for the user go; on any thread.

Raises:
    ShammahError: What the command line asks for is not there to be had.
"""
