"""``shammah models path``: where the file is that another program may open."""

import os

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.inventory import Holding, Inventory
from shammah_tui.core.plain_text import plain
from shammah_tui.foundation import Foundation


def locate(foundation: Foundation, console: Console, what: str) -> ExitStatus:
    """Write the path of the model that ``what`` names, and nothing else.

    Raises:
        InvalidModelError: It names none.
        MissingFileError: It is a path without a file.
    """
    holding = Inventory(foundation).find(what)
    if holding.path is None:
        complain_missing(console, holding)
        return ExitStatus.NOT_HERE
    if console.is_terminal:
        # A person reads it, and a name may have been made to steer what they read it on.
        console.tell(plain(str(holding.path)))
        return ExitStatus.DONE
    # As bytes: the path is for programs, and a folder's name need not be text.
    console.output.flush()
    console.output.buffer.write(os.fsencode(holding.path) + b"\n")
    console.output.buffer.flush()
    return ExitStatus.DONE


def complain_missing(console: Console, holding: Holding) -> None:
    """Say that a model is not here, or not all of it, and what to do."""
    label, base = plain(holding.model.label), holding.what.partition("@")[0]
    if holding.cached is not None and holding.cached.is_nameless:
        console.complain(
            f"{holding.what} is a partial download whose record is lost: "
            f"`shammah models pull {holding.what}` resumes it"
        )
    elif holding.kept_bytes:
        console.complain(
            f"{label} is not complete, {holding.amount()}: `shammah models pull {base}` resumes it"
        )
    else:
        console.complain(f"{label} is not here: `shammah models pull {base}` downloads it")
