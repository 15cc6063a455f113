"""``shammah models`` and its commands, from the parsed command line to the exit status."""

import argparse
import io
import sys

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.listing import list_models
from shammah_tui.commands.locate import locate
from shammah_tui.commands.outcome import carry_out
from shammah_tui.commands.pull import pull
from shammah_tui.commands.remove import remove
from shammah_tui.commands.verify import verify
from shammah_tui.foundation import Foundation


def run_models(options: argparse.Namespace, foundation: Foundation, console: Console) -> ExitStatus:
    """Carry one command out; whatever goes wrong is told in one sentence.

    Args:
        options: As ``arguments`` lays them out, and ``offline``.
        foundation: What to work with.
        console: Where to write and ask.
    """

    def command() -> ExitStatus:
        for problem in foundation.problems:
            console.complain(problem)
        return _run(options, foundation, console)

    # A list that nobody reads to its end is one; what is being fetched or checked is not done.
    unread = ExitStatus.FAILED if options.action else ExitStatus.DONE
    return carry_out(command, console, when_unread=unread)


def standard_console() -> Console:
    """Return the console of this process; what its encoding lacks is shown as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Console(sys.stdout, sys.stderr, sys.stdin)


def _run(options: argparse.Namespace, foundation: Foundation, console: Console) -> ExitStatus:
    if options.action is not None and (options.json or options.paths):
        console.complain("--json and --paths are for the list: give them without a command")
        return ExitStatus.USAGE
    match options.action:
        case "pull":
            return pull(foundation, console, options.what, offline=options.offline)
        case "rm":
            return remove(foundation, console, options.what, yes=options.yes)
        case "path":
            return locate(foundation, console, options.what)
        case "verify":
            return verify(foundation, console, options.what)
        case _:
            return list_models(foundation, console, as_json=options.json, paths=options.paths)
