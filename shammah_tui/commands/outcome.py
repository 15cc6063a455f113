"""How a command ends when it does not end by itself: one sentence, one status."""

import os
import sys
from collections.abc import Callable

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.errors import InvalidModelError, MissingFileError
from shammah_tui.core.store_error import StoreError


def carry_out(command: Callable[[], ExitStatus], console: Console) -> ExitStatus:
    """Return how ``command`` ended; what it raises is told in one sentence."""
    try:
        return command()
    except MissingFileError as error:
        console.complain(str(error))
        return ExitStatus.NOT_HERE
    except InvalidModelError as error:
        console.complain(str(error))
        return ExitStatus.USAGE
    except StoreError as error:
        console.complain(str(error))
        return ExitStatus.FAILED
    except KeyboardInterrupt:
        console.complain("Stopped")
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`), and has seen what was wanted; what Python
        # would flush at the end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        console.complain(f"{where}{error.strerror or error}; nothing more was done")
        return ExitStatus.FAILED
