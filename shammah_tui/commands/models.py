"""``shammah models`` and its commands, from the parsed command line to the exit status."""

import argparse
import io
import os
import sys

from shammah_tui.adapters.hub_listing import InUseError
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.listing import list_models
from shammah_tui.commands.locate import locate
from shammah_tui.commands.pull import pull
from shammah_tui.commands.remove import remove
from shammah_tui.commands.verify import verify
from shammah_tui.core.errors import InvalidModelError, MissingFileError
from shammah_tui.foundation import Foundation


def run_models(options: argparse.Namespace, foundation: Foundation, console: Console) -> ExitStatus:
    """Carry one command out; whatever goes wrong is told in one sentence.

    Args:
        options: As ``arguments`` lays them out, and ``offline``.
        foundation: What to work with.
        console: Where to write and ask.
    """
    try:
        for problem in foundation.problems:
            console.complain(problem)
        return _run(options, foundation, console)
    except MissingFileError as error:
        console.complain(str(error))
        return ExitStatus.NOT_HERE
    except InvalidModelError as error:
        console.complain(str(error))
        return ExitStatus.USAGE
    except InUseError as error:
        console.complain(str(error))
        return ExitStatus.FAILED
    except KeyboardInterrupt:
        console.complain("Stopped")
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); nothing is left to say, and what Python
        # would flush at the end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        console.complain(f"{where}{error.strerror or error}; nothing more was done")
        return ExitStatus.FAILED


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
