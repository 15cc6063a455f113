"""The fetch child: a job on stdin, events on stdout; it ends when stdin closes."""

import logging
import os
import signal
import sys
import threading
from types import FrameType
from typing import BinaryIO, NoReturn

from shammah_tui.children.fetch.faults import LastingError, Patience
from shammah_tui.children.fetch.part import Reporter
from shammah_tui.children.fetch.transfer import Transfer
from shammah_tui.core.errors import WireError
from shammah_tui.core.protocol.fetch_messages import (
    FETCH_COMMANDS,
    FetchFailed,
    FetchJob,
    FetchProblem,
    RetryNow,
)
from shammah_tui.core.protocol.wire import decode

log = logging.getLogger("shammah_tui.children.fetch")


def main(patience: Patience) -> NoReturn:
    """Carry out the job on stdin; never returns.

    The process may end anywhere, so it ends at once when it is told to: nothing that is on disk
    needs to be put in order first.
    """
    reporter = Reporter(_take_stdout(), patience)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s"
    )
    signal.signal(signal.SIGTERM, _end)
    stdin = sys.stdin.buffer
    line = stdin.readline()
    if not line:
        os._exit(0)
    retry_now = threading.Event()
    threading.Thread(target=_listen, args=(stdin, retry_now), daemon=True, name="stdin").start()
    try:
        status = _carry_out(line, patience, reporter, retry_now)
    except BrokenPipeError:
        # The app is gone.
        status = 0
    logging.shutdown()
    os._exit(status)


def _carry_out(
    line: bytes, patience: Patience, reporter: Reporter, retry_now: threading.Event
) -> int:
    try:
        job = decode(line.decode(), (FetchJob,))
        assert isinstance(job, FetchJob)
        reporter.emit(Transfer(job, patience, reporter, retry_now, os.environ).run())
    except LastingError as refusal:
        log.warning("%s: %s", refusal.problem, refusal.sentence)
        failed = refusal
    except BrokenPipeError:
        raise
    except (WireError, UnicodeDecodeError):
        log.exception("The job cannot be read")
        sentence = "The program was updated while it ran: quit and start it again."
        failed = LastingError(FetchProblem.INVALID, sentence)
    except Exception:
        log.exception("The transfer failed in an unforeseen way")
        sentence = "The download failed: the log says why; try again."
        failed = LastingError(FetchProblem.INTERNAL, sentence, retryable=True)
    else:
        return 0
    reporter.emit(FetchFailed(failed.problem, failed.sentence, failed.retryable, failed.choices))
    return 1


def _take_stdout() -> int:
    """Keep stdout for the protocol: what libraries print goes to stderr from now on."""
    sys.stdout.flush()
    descriptor = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return descriptor


def _listen(stdin: BinaryIO, retry_now: threading.Event) -> None:
    for line in stdin:
        try:
            command = decode(line.decode(), FETCH_COMMANDS)
        except (WireError, UnicodeDecodeError):
            log.warning("A command cannot be read")
            continue
        assert isinstance(command, RetryNow)
        retry_now.set()
    os._exit(0)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(0)


if __name__ == "__main__":
    main(Patience())
