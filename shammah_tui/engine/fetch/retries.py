"""When to try again, and when to give up."""

import random
import time

from shammah_tui.core.fetch_messages import FetchProblem
from shammah_tui.engine.fetch.faults import LastingError, PassingError
from shammah_tui.engine.fetch.patience import Patience


class Retries:
    """Counts the faults of one transfer.

    Args:
        patience: How long to wait.
        host: The Hub's host name, for messages.
    """

    def __init__(self, patience: Patience, host: str) -> None:
        self._patience = patience
        self._host = host
        self._began_s = time.monotonic()
        self._contacted = False
        self._first_tries = 0
        self._faults = 0
        self._received = 0
        self._forgiven_at = 0

    @property
    def before_first_byte(self) -> bool:
        """Whether no byte of a file has come yet."""
        return self._received == 0

    def connect_s(self) -> float:
        """Return how long the next connection may take."""
        if self._contacted or self._faults:
            return self._patience.answer_s
        left_s = self._began_s + self._patience.first_contact_s - time.monotonic()
        return max(0.1, left_s)

    def note_contact(self) -> None:
        """Note that the Hub has answered: there is a network."""
        self._contacted = True

    def note_received(self, total_bytes: int) -> None:
        """Note how many bytes have been received so far; enough of them forgive the faults."""
        self._received = total_bytes
        if total_bytes - self._forgiven_at >= self._patience.forgiven_after_bytes:
            self._forgiven_at = total_bytes
            self._faults = 0

    def pause_after(self, fault: PassingError) -> float:
        """Return the seconds to wait after ``fault``.

        Raises:
            LastingError: Waiting has no point any more.
        """
        patience = self._patience
        if fault.unreachable and self.before_first_byte and self._faults == 0:
            spent_s = time.monotonic() - self._began_s
            late = not self._contacted and spent_s >= patience.first_contact_s
            if late or self._first_tries >= len(patience.first_waits_s):
                raise LastingError(
                    FetchProblem.OFFLINE,
                    f"{self._host} cannot be reached: check the network, then try again.",
                    retryable=True,
                )
            self._first_tries += 1
            return patience.first_waits_s[self._first_tries - 1]
        self._faults += 1
        self._forgiven_at = self._received
        if self._faults >= patience.faults:
            raise LastingError(
                FetchProblem.GAVE_UP,
                f"Gave up after {patience.faults} tries in a row, waiting for {fault.waits_for}; "
                "the partial download is kept, try again later.",
                retryable=True,
            )
        pause = patience.waits_s[min(self._faults, len(patience.waits_s)) - 1]
        pause *= 1 + random.uniform(-patience.jitter, patience.jitter)  # noqa: S311 - no secret
        asked = min(fault.retry_after_s or 0.0, patience.longest_retry_after_s)
        return max(pause, asked)
