"""The command line: opens the chat or runs a command; ``wiring`` makes what they work with."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.core.settings.settings import Settings
    from shammah_tui.services.services import Services
    from shammah_tui.start.screen import FirstScreen
    from shammah_tui.ui.app import ShammahApp

    Loaded = tuple[Settings, tuple[str, ...]]

PAGE_DRIVER = "textual.drivers.web_driver:WebDriver"
"""In ``TEXTUAL_DRIVER`` of a program that ``shammah serve``, or textual-serve, shows on a page."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, or 2 when the command line is wrong.

    The commands have more of them, see ``commands.exit_status``.
    """
    # 9 ms that the chat's usual command line does without.
    from shammah_tui.commands.arguments import program_parser
    from shammah_tui.core.wording.help import MODEL_IS_FOR_CHAT

    parser = program_parser()
    options = parser.parse_args(arguments)
    if options.command is not None:
        if options.model:
            parser.error(MODEL_IS_FOR_CHAT)
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

    ``what`` is the model that the command line names; ``first`` has the terminal already, and the
    caller closes it at the end.
    """
    # Everything below is deferred so that --help and --version cost no imports (Textual: 150 ms).
    from contextlib import nullcontext

    from shammah_tui.core.wording import commands as words
    from shammah_tui.crash import log_thread_faults
    from shammah_tui.start.terminal import HeldTerminal, end_on_signals

    is_on_page = os.environ.get("TEXTUAL_DRIVER") == PAGE_DRIVER
    if not (is_on_page or (sys.stdin.isatty() and sys.stdout.isatty())):
        sys.stderr.write(f"shammah: {words.NO_TERMINAL}\n")
        return 2
    if os.environ.get("TERM") == "dumb" and not is_on_page:
        # An editor's shell, say, that shows escape sequences as text.
        sys.stderr.write(f"shammah: {words.DUMB_TERMINAL}\n")
        return 2
    with nullcontext(first) if first is not None else HeldTerminal() as terminal:
        app = make_app(
            what,
            offline=offline,
            continue_last=continue_last,
            plain=plain,
        )
        log_thread_faults()
        app.first_picture = first
        app.modes_before = terminal.modes_before
        try:
            app.run()
        finally:
            end_on_signals()
            app.close()
        if app.crash is not None:
            # Told by who runs this, once the terminal is as it was.
            raise app.crash
        if app.failure is not None:
            if first is not None:
                # Back to the screen on which the sentence stays.
                first.close()
            sys.stderr.write(f"shammah: {app.failure}\n")
        if app.unkept:
            if first is not None:
                first.close()
            sys.stderr.write(f"shammah: {words.unkept(app.unkept)}\n")
    return app.return_code or 0


def _run_command(options: "argparse.Namespace") -> int:
    from shammah_tui.commands import arguments
    from shammah_tui.commands.models.models import run_models, standard_console
    from shammah_tui.wiring import read_setup

    console = standard_console()
    if options.command == arguments.HELP:
        from shammah_tui.commands.topics import run_help

        return run_help(options, console)
    if options.command == arguments.DEMO:
        from shammah_tui.commands.demo.demo import run_demo

        return run_demo(options, console, os.environ)
    if options.command == arguments.CONFIG:
        from shammah_tui.adapters.files.settings_file import settings_path
        from shammah_tui.commands.config import run_config

        return run_config(options, settings_path(), _setting_problems, os.environ, console)
    if options.command == arguments.SERVE:
        from shammah_tui.commands.serve.serve import run_serve

        return run_serve(options, console)
    # The doctor tells mistyped keys and themes as the screen does, hence Textual's 150 ms.
    loaded = _settings() if options.command == arguments.DOCTOR else None
    setup = read_setup(os.environ, loaded)
    match options.command:
        case arguments.ASK:
            from shammah_tui.commands.ask.ask import run_ask
            from shammah_tui.wiring import ask_services

            services_for = partial(ask_services, setup)
            return run_ask(options, console, setup.environment, setup.problems, services_for)
        case arguments.DOCTOR:
            from shammah_tui.commands.doctor.doctor import run_doctor
            from shammah_tui.wiring import installation

            return run_doctor(options, installation(setup), console)
        case arguments.HISTORY:
            from shammah_tui.commands.history.history import run_history

            return run_history(options, console)
        case arguments.EXPORT:
            from shammah_tui.commands.history.export import run_export

            return run_export(options, console)
        case arguments.IMPORT:
            from shammah_tui.commands.history.export import run_import

            return run_import(options, console)
        case arguments.USAGE:
            from shammah_tui.commands.history.usage import run_usage

            return run_usage(options, setup.settings, console)
        case _:
            return run_models(options, setup.inventory, setup.problems, console)


def make_app(
    what: str,
    *,
    offline: bool,
    continue_last: bool = False,
    plain: bool = False,
) -> "ShammahApp":
    """Return the app with everything it needs."""
    # Read by Textual as it is imported. It draws only what has changed, at most that often: at the
    # 60 that it takes otherwise, a key waits 8 ms on average, and the first one 16.
    os.environ.setdefault("TEXTUAL_FPS", "120")

    from shammah_tui.adapters.claude.claude_key import may_have_key
    from shammah_tui.adapters.files.remembered_name import chosen_theme
    from shammah_tui.adapters.files.settings_file import settings_path
    from shammah_tui.ui.app import ShammahApp

    loaded: Loaded | None = None
    theme, keys = "", dict[str, str]()
    if settings_path().exists():
        # Where there is nothing to read, 8 ms that the first frame does without.
        settings, _ = loaded = _settings()
        theme, plain, keys = settings.theme, plain or settings.plain, {**settings.keys}

    def services(
        on_change: "Callable[[Snapshot], None]", on_notice: "Callable[[str], None]"
    ) -> "Services":
        # Deferred: 70 ms, while the screen takes keys already.
        from shammah_tui.wiring import chat_services

        return chat_services(what, loaded or _settings(), on_change, on_notice, offline=offline)

    return ShammahApp(
        services,
        claude_available=may_have_key(os.environ),
        continue_last=continue_last,
        theme=theme,
        plain=plain,
        keys=keys,
        theme_memory=chosen_theme(),
    )


def _setting_problems() -> tuple[str, ...]:
    """Return a line for each thing in the settings file that cannot be used."""
    from shammah_tui.wiring import local_side, read_setup

    setup = read_setup(os.environ, _settings())
    return (*setup.problems, *local_side(setup).problems)


def _settings() -> "Loaded":
    from shammah_tui.adapters.files.settings_file import load_settings, settings_path
    from shammah_tui.core.settings.settings_table import Known
    from shammah_tui.ui.frame.key_clashes import key_clashes
    from shammah_tui.ui.frame.keys import KEY_IDS
    from shammah_tui.ui.frame.theme import THEME_NAMES

    return load_settings(settings_path(), Known(KEY_IDS, THEME_NAMES, key_clashes))
