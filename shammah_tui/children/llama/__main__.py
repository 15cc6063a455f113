"""Entry point: ``python -m shammah_tui.children.llama``."""

import os
import signal
import sys
import traceback

from shammah_tui.children.llama.inbox import Heartbeat, Inbox, Outbox
from shammah_tui.children.llama.load_failure import LoadError
from shammah_tui.children.llama.threads import set_waiting_policy
from shammah_tui.core.errors import WireError
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed, LoadModel


def main() -> int:
    """Load the model that the first line names, then reply until stdin closes.

    Returns:
        The exit status: 1 after a ``LoadFailed``, 0 where only the vocabulary was to be looked at.
        The end of stdin ends the process with 0.
    """
    # Only the app decides when a child ends; ctrl+c in its terminal is not meant for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print. The protocol keeps the real stdout under another number, and whatever is
    # written to number 1 from here on joins the log.
    outbox = Outbox(os.dup(1))
    os.dup2(2, 1)
    inbox = Inbox(sys.stdin.fileno())
    try:
        job = inbox.read_job()
    except WireError as error:
        why = "The engine was started wrongly"
        outbox.send(LoadFailed(EngineProblem.INTERNAL, why, str(error)))
        return 1
    inbox.start()
    try:
        _run(job, inbox, outbox)
    except LoadError as error:
        outbox.send(error.failed)
        return 1
    return 0


def _run(job: LoadModel, inbox: Inbox, outbox: Outbox) -> None:
    set_waiting_policy(os.environ)
    try:
        # Deferred: these import llama_cpp (0.3 s and a shared library that may not open), which
        # reads the waiting policy from the environment while it is being opened.
        from shammah_tui.children.llama.loading import load_model
        from shammah_tui.children.llama.replying import reply_forever
    except (ImportError, OSError, RuntimeError) as error:
        traceback.print_exc()
        raise LoadError(
            EngineProblem.NO_LIBRARY,
            "llama.cpp cannot be used here",
            "install llama-cpp-python again, then retry.",
        ) from error
    heartbeat = Heartbeat(outbox)
    with heartbeat.watching_the_process():
        model = load_model(job, inbox, outbox, heartbeat)
    if model is not None:
        reply_forever(model, inbox, outbox)


if __name__ == "__main__":
    status = main()
    # Not sys.exit: the thread that waits for stdin cannot be ended, and the interpreter's own
    # shutdown would wait for llama.cpp to free what the system frees at once.
    sys.stderr.flush()
    os._exit(status)
