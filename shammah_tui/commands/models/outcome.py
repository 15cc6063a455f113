"""How a command ends when it does not end by itself: one sentence, one status."""

import os
import sys
from collections.abc import Callable

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.errors import InUseError, InvalidModelError, MissingFileError, StoreError
from shammah_tui.core.wording.commands import disk_failed
from shammah_tui.core.wording.ending import ending_note


def carry_out(
    command: Callable[[], ExitStatus],
    console: Console,
    when_unread: ExitStatus = ExitStatus.DONE,
) -> ExitStatus:
    """Return how ``command`` ended; what it raises is told in one sentence.

    ``when_unread`` is the status when whoever read the output has gone (``| head``).
    """
    try:
        return command()
    except MissingFileError as error:
        console.complain(str(error))
        return ExitStatus.NOT_HERE
    except InvalidModelError as error:
        console.complain(str(error))
        return ExitStatus.USAGE
    except (InUseError, StoreError) as error:
        console.complain(str(error))
        return ExitStatus.FAILED
    except KeyboardInterrupt:
        console.complain(ending_note(StopReason.STOPPED))
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        _drop_unwritten()
        return when_unread
    except OSError as error:
        _drop_unwritten()
        console.complain(disk_failed(error.filename, error.strerror or str(error)))
        return ExitStatus.FAILED


def _drop_unwritten() -> None:
    """Have Python not fail once more when it flushes standard output at the end (status 120)."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
