"""An app that no worker ends, and that ends without showing what it was working with."""

from __future__ import annotations

import logging

from textual.worker import WorkerFailed

from shammah_tui.ui.caret import CaretApp

log = logging.getLogger(__name__)


class SturdyApp(CaretApp):
    """An app in which a fault of its own costs as little as can be.

    Attributes:
        crash: What ended the app, for whoever ran it to tell.
    """

    crash: Exception | None = None

    def _handle_exception(self, error: Exception) -> None:
        """Go on where a worker failed; else end."""
        if isinstance(error, WorkerFailed):
            # Raised again by ``run_test``, in tests.
            self._exception = self._exception or error
            self.tell_fault(error.error)
        else:
            self.crash = self.crash or error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End, and leave the telling to whoever runs the app.

        Textual would print the trace with all local variables, keys and passwords among them.
        """
        self._close_messages_no_wait()

    def tell_fault(self, error: BaseException) -> None:
        """Log a fault that ends nothing, and show a sentence on it."""
        log.error("Something failed beside the screen", exc_info=error)
        what = f"Something went wrong inside ({type(error).__name__}); the log file says more"
        self.notify(what, severity="error", timeout=15, markup=False)
