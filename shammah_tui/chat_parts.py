"""What stands behind the screen, put together."""

import os
from collections.abc import Callable
from contextlib import suppress

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.files.chosen_model import FILE_NAME as CHOSEN_FILE
from shammah_tui.adapters.files.chosen_model import ChosenModelFile
from shammah_tui.adapters.files.lora_files import LoraFiles, loras_folder
from shammah_tui.adapters.files.lora_switches import kept_switches
from shammah_tui.adapters.files.settings_file import ClaudeSettingsFile, settings_path
from shammah_tui.adapters.files.speed_records import FILE_NAME as SPEEDS_FILE
from shammah_tui.adapters.files.speed_records import SpeedFile
from shammah_tui.adapters.files.state_file import state_folder
from shammah_tui.adapters.machine.clipboard import SystemClipboard
from shammah_tui.adapters.machine.hardware import MachineProbe
from shammah_tui.adapters.sqlite.opening import store_path
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.commands.models.inventory import Inventory
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import Snapshot
from shammah_tui.core.routing.routing import Router
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.wording.troubles import NO_KEY
from shammah_tui.foundation import lay_foundation
from shammah_tui.local_parts import local_parts
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.lora_shelf import LoraShelf
from shammah_tui.services.local.model_shelf import ModelShelf
from shammah_tui.services.local.preferences import LocalPreferences
from shammah_tui.services.turn.attempts import local_backend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.ui.frame.keys import status_keys
from shammah_tui.ui.frame.parts import Parts


def make_parts(
    what: str,
    loaded: tuple[Settings, tuple[str, ...]],
    on_change: Callable[[Snapshot], None],
    on_notice: Callable[[str], None],
    *,
    offline: bool,
) -> Parts:
    """Return what stands behind the screen.

    Args:
        what: The model that the command line names; empty names none.
        loaded: The settings, and what is wrong with them.
        on_change: Takes the local model's snapshots, on another thread.
        on_notice: Takes sentences for the user, on another thread.
        offline: Whether no model may be fetched.

    Raises:
        InvalidModelError: ``what`` is not a model.
    """
    with suppress(OSError):
        # Where older versions kept what was last seen of a conversation.
        (state_folder() / "screenful").unlink()
    foundation = lay_foundation(os.environ, loaded)
    settings, environment = foundation.settings, foundation.environment
    chosen = ChosenModelFile(state_folder() / CHOSEN_FILE)
    parts, problems = local_parts(foundation, what, chosen.recall(), offline=offline)
    plan, source, starter = parts.plan, parts.source, parts.starter
    switches = None if plan.is_served else kept_switches()
    files = LoraFiles(loras_folder(), foundation.cache_dir)
    loras = None if switches is None else LoraShelf(plan.loras, switches, files)
    preferences = LocalPreferences(SpeedFile(state_folder() / SPEEDS_FILE), chosen, switches)
    told = ClaudeSettingsFile(settings_path(), settings.claude)
    claude = Claude(
        settings.claude.model, settings.claude.max_tokens, environment, newest=told.newest
    )
    loader = BootstrapLoader(
        plan, source, starter, MachineProbe(), on_change, preferences=preferences
    )
    return Parts(
        loader,
        _session(settings, claude, loader, on_notice),
        ModelShelf(
            plan,
            source,
            lambda: loader.snapshot,
            preferences.speeds,
            loras,
            lambda: tuple(each.model for each in Inventory(foundation).holdings),
            foundation.parse,
        ),
        settings,
        problems=foundation.problems + problems,
        warm_up=claude.warm_up,
        clipboard=SystemClipboard(os.environ),
    )


def _session(
    settings: Settings,
    claude: Claude,
    loader: BootstrapLoader,
    on_notice: Callable[[str], None],
) -> ChatSession:
    no_key = BackendError(BackendProblem.NO_KEY, NO_KEY)
    turn = ChatTurn(
        Router(),
        claude if claude.has_key else no_key,
        lambda: local_backend(loader.active, thinking=settings.local.thinking),
        lambda: loader.snapshot.state,
        claude_model=lambda: settings.claude.model,
        system_prompt=lambda: settings.system_prompt,
        keys=lambda: status_keys(settings.keys),
    )

    def private() -> ConversationStore:
        return SqliteStore(None, on_notice)

    # Here, on the thread that makes the parts: on the screen's own, to import and to make it would
    # hold keys up for 17 ms.
    store = SqliteStore(store_path(), on_notice)
    return ChatSession(turn, store, settings.prices.cost_microusd, private)
