"""The composition root: reads the command line, makes the parts and hands them to the screen."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shammah_tui import __version__
from shammah_tui.commands.arguments import add_models_command
from shammah_tui.commands.doctor_arguments import DOCTOR, add_doctor_command

if TYPE_CHECKING:
    from shammah_tui.adapters.claude import Claude
    from shammah_tui.core.settings import Settings
    from shammah_tui.foundation import Foundation
    from shammah_tui.ports import EngineStarter, ModelSource
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.chat_session import ChatSession
    from shammah_tui.services.local_side import LoadPlan
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
    # Everything below is deferred so that --help and --version cost no imports (Textual: 150 ms).
    from shammah_tui.core.errors import ShammahError
    from shammah_tui.first_paint import end_on_signals, held_terminal

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("shammah: a terminal is needed; standard input or output is none\n")
        return 2
    with held_terminal():
        try:
            app = make_app(options.model, offline=options.offline)
        except ShammahError as error:
            sys.stderr.write(f"shammah: {error}\n")
            return 2
        try:
            app.run()
        finally:
            end_on_signals()
            app.loader.close()
    return app.return_code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shammah",
        usage="shammah [-h] [--model WHAT] [--offline] [--version] [COMMAND ...]",
        description="A full-screen chat: Claude answers while a model for this machine arrives.",
    )
    parser.add_argument("--model", metavar="WHAT", default="", help=MODEL_HELP)
    parser.add_argument(
        "--offline", action="store_true", help="fetch no model; use what is on this machine"
    )
    parser.add_argument("--version", action="version", version=f"shammah {__version__}")
    commands = parser.add_subparsers(
        prog="shammah", dest="command", metavar="COMMAND", title="without the screen"
    )
    add_models_command(commands, MODEL_HELP)
    add_doctor_command(commands)
    return parser


def _run_command(options: argparse.Namespace) -> int:
    import os

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
    return run_models(options, lay_foundation(os.environ), standard_console())


def make_app(what: str, *, offline: bool) -> "ShammahApp":
    """Return the app with everything it needs.

    Raises:
        InvalidModelError: ``what`` is not a model.
    """
    import os

    from shammah_tui.adapters.claude import Claude
    from shammah_tui.adapters.hardware import MachineProbe
    from shammah_tui.adapters.local_engine import LocalEngineStarter
    from shammah_tui.adapters.log_files import child_log_path
    from shammah_tui.core.settings_table import Known
    from shammah_tui.foundation import lay_foundation
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.model_shelf import ModelShelf
    from shammah_tui.ui.app import ShammahApp
    from shammah_tui.ui.keys import KEY_IDS
    from shammah_tui.ui.theme import THEME_NAMES

    foundation = lay_foundation(os.environ, Known(KEY_IDS, THEME_NAMES))
    settings, environment = foundation.settings, foundation.environment
    plan: LoadPlan
    source: ModelSource
    starter: EngineStarter
    problems: tuple[str, ...] = ()
    # A model named on the command line is for this machine, whatever the settings say.
    if settings.endpoint.url and not what:
        plan, source, starter = _endpoint(foundation)
    else:
        plan, problems = _plan(foundation, what, offline=offline)
        source = foundation.source
        starter = LocalEngineStarter(child_log_path(foundation.logs, "engine"), environment)
    claude = Claude(settings.claude.model, settings.claude.max_tokens, environment)
    return ShammahApp(
        settings,
        lambda on_change: BootstrapLoader(plan, source, starter, MachineProbe(), on_change),
        lambda loader: _session(settings, claude, loader),
        lambda loader: ModelShelf(plan, source, lambda: loader.snapshot),
        claude_available=claude.has_key,
        problems=foundation.problems + problems,
        warm_up=claude.warm_up,
    )


def _plan(
    foundation: "Foundation", what: str, *, offline: bool
) -> tuple["LoadPlan", tuple[str, ...]]:
    """Return what is asked of the local side, and what is wrong with it in the settings.

    Raises:
        InvalidModelError: ``what``, from the command line, is not a model.
    """
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
    plan = LoadPlan(
        wanted=wanted,
        offered=foundation.offered,
        device=local.device,
        context_length=local.context_length or None,
        threads=local.threads or None,
        offline=offline,
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


def _session(settings: "Settings", claude: "Claude", loader: "BootstrapLoader") -> "ChatSession":
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
        sampling = sampling_for(model.family, model.params_b, thinking=False)
        options = ReplyOptions(sampling=sampling)
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
    return ChatSession(turn)
