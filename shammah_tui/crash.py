"""What is told of a fault in the program itself: a sentence on screen, the trace in the log."""

import logging
import os
import sys
import threading


def tell_crash(error: Exception) -> int:
    """Log the trace, without values and secrets, say so in one sentence, and return the status."""
    from shammah_tui.adapters.files.log_files import FILE_NAME, log_folder, start_logging
    from shammah_tui.core.wording.notices import inside

    folder = log_folder()
    if not logging.getLogger().handlers:
        start_logging(folder, os.environ)
    logging.getLogger(__name__).critical("The program ended", exc_info=error)
    said = f"shammah: {inside(error, folder / FILE_NAME)}\n"
    sys.stderr.write(said.encode("utf-8", "replace").decode())
    return 1


def log_thread_faults() -> None:
    """Have what ends a thread be logged; Python would write it over the screen."""

    def log_fault(fault: threading.ExceptHookArgs) -> None:
        name = fault.thread.name if fault.thread is not None else "?"
        told = (fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback)
        logging.getLogger(__name__).error("The thread %s ended", name, exc_info=told)

    threading.excepthook = log_fault
