"""One worker thread that does what it is given, one step after another."""

import threading
from collections.abc import Callable
from queue import SimpleQueue


class StepThread:
    """Runs steps in the order in which they were put in.

    Args:
        name: Of the thread.
        on_error: Given what a step raised, on the thread, which goes on.
        at_end: Run once on the thread, after the last step.
    """

    def __init__(
        self, name: str, on_error: Callable[[Exception], None], at_end: Callable[[], None]
    ) -> None:
        self._on_error = on_error
        self._at_end = at_end
        self._steps: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with the first step."""
        self._thread.start()

    def put(self, step: Callable[[], None]) -> None:
        """Have a step done; returns at once and may be called from any thread."""
        self._steps.put(step)

    def close(self) -> None:
        """Do what was put in so far, end, and return then; does nothing before ``start``."""
        if self._thread.is_alive():
            self._steps.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (step := self._steps.get()) is not None:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - whoever made the thread decides
                self._on_error(error)
        self._at_end()
