"""The composition root: reads the command line, makes the parts and hands them to the screen."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from shammah_tui.adapters.claude import Claude
    from shammah_tui.commands.console import Console
    from shammah_tui.core.settings import Settings
    from shammah_tui.first.screen import FirstScreen
    from shammah_tui.foundation import Foundation
    from shammah_tui.ports import ConversationStore, EngineStarter, ModelSource
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.chat_session import ChatSession
    from shammah_tui.services.local_side import LoadPlan
    from shammah_tui.services.standby import LocalParts
    from shammah_tui.ui.app import ShammahApp

MODEL_HELP = (
    "local model: an id from the model panel (qwen3.5-4b), owner/repo or owner/repo:QUANT on the "
    "Hugging Face Hub, owner/repo/path/file.gguf, or a path to a .gguf file"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, or 2 when the command line is wrong.

    The commands have more of them, see ``commands.exit_status``.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is not None:
        if options.model:
            parser.error("--model is for the chat: name the model after the command")
        return _run_command(options)
    return open_chat(
        options.model,
        offline=options.offline,
        continue_last=options.continue_last,
        plain=options.plain,
    )


def open_chat(
    what: str,
    *,
    offline: bool,
    continue_last: bool = False,
    plain: bool = False,
    first: "FirstScreen | None" = None,
) -> int:
    """Open the full-screen chat and return its exit status.

    Args:
        what: The model that the command line names; empty names none.
        offline: Whether no model may be fetched.
        continue_last: Whether to go on with the last conversation.
        plain: Whether to use the plain mode, whatever the settings say.
        first: Who has the terminal already; the caller closes it at the end.
    """
    # Everything below is deferred so that --help and --version cost no imports (Textual: 150 ms).
    from shammah_tui.core.errors import ShammahError
    from shammah_tui.first_paint import end_on_signals, held_terminal

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("shammah: a terminal is needed; standard input or output is none\n")
        return 2
    with held_terminal():
        try:
            app = make_app(what, offline=offline, continue_last=continue_last, plain=plain)
        except ShammahError as error:
            if first is not None:
                # Back to the screen on which the sentence stays.
                first.close()
            sys.stderr.write(f"shammah: {error}\n")
            return 2
        app.first_picture = first
        try:
            app.run()
        finally:
            end_on_signals()
            app.loader.close()
    return app.return_code or 0


def _parser() -> "argparse.ArgumentParser":
    # Deferred with the commands' own: 9 ms that the chat's usual command line does without.
    import argparse

    from shammah_tui import __version__
    from shammah_tui.commands.arguments import add_models_command
    from shammah_tui.commands.ask_arguments import add_ask_command
    from shammah_tui.commands.doctor_arguments import add_doctor_command
    from shammah_tui.commands.history_arguments import add_history_commands

    parser = argparse.ArgumentParser(
        prog="shammah",
        usage="shammah [-h] [--model WHAT] [--offline] [--continue] [--plain] [--version] "
        "[COMMAND ...]",
        description="A full-screen chat: Claude answers while a model for this machine arrives.",
    )
    parser.add_argument("--model", metavar="WHAT", default="", help=MODEL_HELP)
    parser.add_argument(
        "--offline", action="store_true", help="fetch no model; use what is on this machine"
    )
    parser.add_argument(
        "-c",
        "--continue",
        dest="continue_last",
        action="store_true",
        help="go on with the last conversation",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="for screen readers and slow lines: nothing moves, no lines are drawn",
    )
    parser.add_argument("--version", action="version", version=f"shammah {__version__}")
    commands = parser.add_subparsers(
        prog="shammah", dest="command", metavar="COMMAND", title="without the screen"
    )
    add_ask_command(commands, MODEL_HELP)
    add_history_commands(commands)
    add_models_command(commands, MODEL_HELP)
    add_doctor_command(commands)
    return parser


def _run_command(options: "argparse.Namespace") -> int:
    import os

    from shammah_tui.commands.ask_arguments import ASK
    from shammah_tui.commands.doctor_arguments import DOCTOR
    from shammah_tui.commands.history_arguments import EXPORT, HISTORY, IMPORT, USAGE
    from shammah_tui.commands.models import run_models, standard_console
    from shammah_tui.foundation import lay_foundation

    if options.command == DOCTOR:
        from shammah_tui.commands.doctor import run_doctor
        from shammah_tui.core.settings_table import Known
        from shammah_tui.ui.keys import KEY_IDS
        from shammah_tui.ui.theme import THEME_NAMES

        # It tells mistyped keys and themes as the screen does, hence Textual's 150 ms.
        foundation = lay_foundation(os.environ, Known(KEY_IDS, THEME_NAMES))
        return run_doctor(options, foundation, standard_console())
    foundation, console = lay_foundation(os.environ), standard_console()
    if options.command == ASK:
        from shammah_tui.commands.ask import run_ask

        return run_ask(options, foundation, console, lambda what: _parts_for(foundation, what))
    if options.command in {HISTORY, EXPORT, IMPORT, USAGE}:
        return _run_on_history(options, foundation, console)
    return run_models(options, foundation, console)


def _run_on_history(
    options: "argparse.Namespace", foundation: "Foundation", console: "Console"
) -> int:
    from shammah_tui.commands.export import run_export, run_import
    from shammah_tui.commands.history import run_history
    from shammah_tui.commands.history_arguments import EXPORT, HISTORY, IMPORT, USAGE
    from shammah_tui.commands.usage import run_usage

    if options.command == USAGE:
        return run_usage(options, foundation.settings, console)
    run = {HISTORY: run_history, EXPORT: run_export, IMPORT: run_import}[options.command]
    return run(options, console)


def _parts_for(foundation: "Foundation", what: str) -> "LocalParts":
    """Return the local side of a command.

    Raises:
        InvalidModelError: ``what``, from the command line, is not a model.
    """
    from shammah_tui.adapters.chosen_model import FILE_NAME, ChosenModelFile
    from shammah_tui.adapters.state_file import state_folder

    chosen = ChosenModelFile(state_folder() / FILE_NAME)
    # What is wrong with the settings' model is told in the chat; here another one may do.
    return _local_parts(foundation, what, chosen.recall(), offline=True)[0]


def make_app(
    what: str, *, offline: bool, continue_last: bool = False, plain: bool = False
) -> "ShammahApp":
    """Return the app with everything it needs.

    Args:
        what: The model that the command line names; empty names none.
        offline: Whether no model may be fetched.
        continue_last: Whether to go on with the last conversation.
        plain: Whether to use the plain mode, whatever the settings say.

    Raises:
        InvalidModelError: ``what`` is not a model.
    """
    import os
    from dataclasses import replace

    from shammah_tui.adapters.chosen_model import FILE_NAME as CHOSEN_FILE
    from shammah_tui.adapters.chosen_model import ChosenModelFile
    from shammah_tui.adapters.chosen_theme import FILE_NAME as THEME_FILE
    from shammah_tui.adapters.chosen_theme import ChosenThemeFile
    from shammah_tui.adapters.claude import Claude
    from shammah_tui.adapters.clipboard import SystemClipboard
    from shammah_tui.adapters.hardware import MachineProbe
    from shammah_tui.adapters.speed_records import FILE_NAME as SPEEDS_FILE
    from shammah_tui.adapters.speed_records import SpeedFile
    from shammah_tui.adapters.state_file import state_folder
    from shammah_tui.core.settings_table import Known
    from shammah_tui.foundation import lay_foundation
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.local_side import LocalMemory
    from shammah_tui.services.model_shelf import ModelShelf
    from shammah_tui.ui.app import ShammahApp
    from shammah_tui.ui.keys import KEY_IDS
    from shammah_tui.ui.theme import THEME_NAMES

    foundation = lay_foundation(os.environ, Known(KEY_IDS, THEME_NAMES))
    settings, environment = foundation.settings, foundation.environment
    if plain:
        settings = replace(settings, plain=True)
    chosen = ChosenModelFile(state_folder() / CHOSEN_FILE)
    parts, problems = _local_parts(foundation, what, chosen.recall(), offline=offline)
    plan, source, starter = parts.plan, parts.source, parts.starter
    memory = LocalMemory(SpeedFile(state_folder() / SPEEDS_FILE), chosen)
    claude = Claude(settings.claude.model, settings.claude.max_tokens, environment)
    return ShammahApp(
        settings,
        lambda on_change: BootstrapLoader(
            plan, source, starter, MachineProbe(), on_change, memory=memory
        ),
        lambda loader, on_notice: _session(settings, claude, loader, on_notice),
        lambda loader: ModelShelf(plan, source, lambda: loader.snapshot, memory.speeds),
        claude_available=claude.has_key,
        problems=foundation.problems + problems,
        warm_up=claude.warm_up,
        continue_last=continue_last,
        theme_memory=ChosenThemeFile(state_folder() / THEME_FILE),
        clipboard=SystemClipboard(os.environ),
    )


def _local_parts(
    foundation: "Foundation", what: str, chosen: str, *, offline: bool
) -> tuple["LocalParts", tuple[str, ...]]:
    """Return the local side, and what is wrong with it in the settings; as ``_plan``."""
    from shammah_tui.adapters.local_engine import LocalEngineStarter
    from shammah_tui.adapters.log_files import child_log_path
    from shammah_tui.services.standby import LocalParts

    # A model named on the command line is for this machine, whatever the settings say.
    if foundation.settings.endpoint.url and not what:
        return LocalParts(*_endpoint(foundation)), ()
    plan, problems = _plan(foundation, what, chosen, offline=offline)
    engine_log = child_log_path(foundation.logs, "engine")
    starter = LocalEngineStarter(engine_log, foundation.environment)
    return LocalParts(plan, foundation.source, starter), problems


def _plan(
    foundation: "Foundation", what: str, chosen: str, *, offline: bool
) -> tuple["LoadPlan", tuple[str, ...]]:
    """Return what is asked of the local side, and what is wrong with it in the settings.

    Args:
        foundation: The settings and the offer.
        what: The model that the command line names; empty names none.
        chosen: The one that was last chosen in the panel; counts where nobody names one.
        offline: Whether the network may not be used.

    Raises:
        InvalidModelError: ``what``, from the command line, is not a model.
    """
    from dataclasses import replace
    from pathlib import Path

    from shammah_tui.adapters.settings_file import settings_path
    from shammah_tui.core.errors import InvalidModelError
    from shammah_tui.services.local_side import LoadPlan

    local = foundation.settings.local
    problems: tuple[str, ...] = ()
    wanted = foundation.parse(what) if what else None
    if not what and local.model:
        try:
            wanted = foundation.parse(local.model)
        except InvalidModelError as error:
            problems = (f"{settings_path()}: local.model: {error}; memory decides",)
    elif not what and chosen:
        try:
            wanted = foundation.parse(chosen)
        except InvalidModelError as error:
            problems = (f"The model chosen last cannot be used: {error}; memory decides",)
    plan = LoadPlan(
        wanted=wanted,
        offered=foundation.offered,
        device=local.device,
        context_length=local.context_length or None,
        threads=local.threads or None,
        offline=offline,
        batch_size=local.batch_size or None,
        flash_attention=local.flash_attention,
        kv_type=local.kv_type,
        loras=tuple(
            replace(lora, path=str(Path(lora.path).expanduser().absolute())) for lora in local.lora
        ),
    )
    return plan, problems


def _endpoint(
    foundation: "Foundation",
) -> tuple["LoadPlan", "ModelSource", "EngineStarter"]:
    """Return the local side that a server of the settings is."""
    from shammah_tui.adapters.endpoint.engine import EndpointStarter
    from shammah_tui.adapters.endpoint.source import EndpointSource
    from shammah_tui.core.served_model import host_of, served_model
    from shammah_tui.services.local_side import LoadPlan

    endpoint = foundation.settings.endpoint
    model = served_model(host_of(endpoint.url), endpoint.model)
    plan = LoadPlan(
        wanted=model,
        offered=(model,),
        context_length=foundation.settings.local.context_length or None,
    )
    return plan, EndpointSource(), EndpointStarter(endpoint, foundation.environment)


def _session(
    settings: "Settings",
    claude: "Claude",
    loader: "BootstrapLoader",
    on_notice: "Callable[[str], None]",
) -> "ChatSession":
    from shammah_tui.adapters.deferred_store import deferred_store
    from shammah_tui.core.errors import BackendError, BackendProblem
    from shammah_tui.core.routing import Router
    from shammah_tui.core.sampling import sampling_for
    from shammah_tui.ports import ReplyOptions
    from shammah_tui.services.chat_session import ChatSession
    from shammah_tui.services.chat_turn import ChatTurn, LocalBackend
    from shammah_tui.ui.keys import status_keys

    def local() -> LocalBackend | None:
        active = loader.active
        if active is None:
            return None
        model = active.ready.model
        thinking = settings.local.thinking
        sampling = sampling_for(model.family, model.params_b, thinking=thinking)
        options = ReplyOptions(sampling=sampling, enable_thinking=thinking)
        return LocalBackend(active.backend, model.label, active.ready.context_length, options)

    no_key = BackendError(
        BackendProblem.NO_KEY, "There is no key for Claude: set ANTHROPIC_API_KEY and start again"
    )
    turn = ChatTurn(
        Router(),
        claude if claude.has_key else no_key,
        local,
        lambda: loader.snapshot.state,
        system_prompt=lambda: settings.system_prompt,
        keys=lambda: status_keys(settings.keys),
    )

    def store() -> "ConversationStore":
        from shammah_tui.adapters.sqlite.opening import store_path
        from shammah_tui.adapters.sqlite.store import SqliteStore

        return SqliteStore(store_path(), on_notice)

    return ChatSession(turn, deferred_store(store), settings.prices.cost_microusd)
