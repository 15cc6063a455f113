"""The composition root: reads the command line, makes the parts and hands them to the screen."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shammah_tui import __version__

if TYPE_CHECKING:
    from shammah_tui.adapters.claude import Claude
    from shammah_tui.core.settings import Settings
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.chat_session import ChatSession
    from shammah_tui.services.local_side import LoadPlan
    from shammah_tui.ui.app import ShammahApp

MODEL_HELP = (
    "local model: an id from the model panel (qwen3.5-4b), owner/repo or owner/repo:QUANT on the "
    "Hugging Face Hub, owner/repo/path/file.gguf, or a path to a .gguf file"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, or 2 when the command line is wrong."""
    options = _parser().parse_args(arguments)
    # Everything below is deferred so that --help and --version cost no imports (Textual: 150 ms).
    from shammah_tui.core.errors import ShammahError
    from shammah_tui.first_paint import held_terminal

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
            app.loader.close()
    return app.return_code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shammah",
        description="A full-screen chat: Claude answers while a model for this machine arrives.",
    )
    parser.add_argument("--model", metavar="WHAT", default="", help=MODEL_HELP)
    parser.add_argument(
        "--offline", action="store_true", help="fetch no model; use what is on this machine"
    )
    parser.add_argument("--version", action="version", version=f"shammah {__version__}")
    return parser


def make_app(what: str, *, offline: bool) -> "ShammahApp":
    """Return the app with everything it needs.

    Raises:
        InvalidModelError: ``what`` is not a model.
    """
    import os

    from shammah_tui.adapters.claude import Claude
    from shammah_tui.adapters.hardware import MachineProbe
    from shammah_tui.adapters.hub_environment import hub_cache_dir, hub_endpoint
    from shammah_tui.adapters.hub_source import HubSource
    from shammah_tui.adapters.local_engine import LocalEngineStarter
    from shammah_tui.adapters.log_files import child_log_path, log_folder, start_logging
    from shammah_tui.adapters.settings_file import load_settings, settings_path
    from shammah_tui.core.settings_table import Known
    from shammah_tui.services.bootstrap import BootstrapLoader
    from shammah_tui.services.model_shelf import ModelShelf
    from shammah_tui.ui.app import ShammahApp
    from shammah_tui.ui.keys import KEY_IDS
    from shammah_tui.ui.theme import THEME_NAMES

    environment, logs = os.environ, log_folder()
    start_logging(logs, environment)
    settings, problems = load_settings(settings_path(), Known(KEY_IDS, THEME_NAMES))
    plan, more_problems = _plan(settings, what, offline=offline)
    problems += tuple(f"{settings_path()}: {problem}" for problem in more_problems)
    source = HubSource(
        hub_cache_dir(environment),
        hub_endpoint(environment),
        child_log_path(logs, "fetch"),
        settings.local.download_limit_bytes_per_s,
        environment,
    )
    starter = LocalEngineStarter(child_log_path(logs, "engine"), environment)
    claude = Claude(settings.claude.model, settings.claude.max_tokens, environment)
    return ShammahApp(
        settings,
        lambda on_change: BootstrapLoader(plan, source, starter, MachineProbe(), on_change),
        lambda loader: _session(settings, claude, loader),
        lambda loader: ModelShelf(plan, source, lambda: loader.snapshot),
        claude_available=claude.has_key,
        problems=problems,
        warm_up=claude.warm_up,
    )


def _plan(settings: "Settings", what: str, *, offline: bool) -> tuple["LoadPlan", list[str]]:
    """Return what is asked of the local side, and what is wrong with the models in the settings.

    Raises:
        InvalidModelError: ``what``, from the command line, is not a model.
    """
    from pathlib import Path

    from shammah_tui.core.catalogue import offered_models
    from shammah_tui.core.errors import InvalidModelError
    from shammah_tui.core.model_ref import LocalFiles, model_from_entry, parse_model
    from shammah_tui.services.local_side import LoadPlan

    files = LocalFiles(
        is_file=lambda path: Path(path).expanduser().is_file(),
        absolute=lambda path: str(Path(path).expanduser().absolute()),
    )
    problems = []
    own = []
    for entry in settings.models:
        try:
            own.append(model_from_entry(entry, files))
        except InvalidModelError as error:
            problems.append(f"models.{entry.id}: {error}; it is not offered")
    offered = offered_models(own)
    wanted = parse_model(what, offered, files) if what else None
    if not what and settings.local.model:
        try:
            wanted = parse_model(settings.local.model, offered, files)
        except InvalidModelError as error:
            problems.append(f"local.model: {error}; memory decides")
    plan = LoadPlan(
        wanted=wanted,
        offered=offered,
        device=settings.local.device,
        context_length=settings.local.context_length or None,
        threads=settings.local.threads or None,
        offline=offline,
    )
    return plan, problems


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
