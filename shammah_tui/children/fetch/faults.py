"""The faults of a transfer, how long it waits after each, and when it gives up."""

import random
import time
from dataclasses import dataclass

from shammah_tui.core.model.hub_names import HEARTBEAT_STALE_S
from shammah_tui.core.protocol.fetch_messages import FetchProblem, Offered


class PassingError(Exception):
    """Passing trouble: the transfer waits and tries again.

    Attributes:
        waits_for: What it waits for, in a few words after "waiting for".
        retry_after_s: What the server asked for, or None.
        unreachable: Whether no server was reached at all.
    """

    def __init__(
        self, waits_for: str, *, retry_after_s: float | None = None, unreachable: bool = False
    ) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for
        self.retry_after_s = retry_after_s
        self.unreachable = unreachable


class LastingError(Exception):
    """Lasting trouble: the transfer ends with this sentence for the user; as in ``FetchFailed``."""

    def __init__(
        self,
        problem: FetchProblem,
        sentence: str,
        *,
        retryable: bool = False,
        choices: tuple[Offered, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.problem = problem
        self.sentence = sentence
        self.retryable = retryable
        self.choices = choices


class ChangedUpstreamError(Exception):
    """The commit that was being fetched is gone, or no longer names the same bytes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Every time span of a transfer, in seconds; tests hand in shorter ones.

    Attributes:
        first_contact_s: Within this time a person without a network is told so.
        first_waits_s: Pauses between the tries before the first byte; one more try than pauses.
        connect_s: To connect to one address of a host.
        answer_s: From the request until the answer begins.
        silence_s: Without a byte after which a connection counts as hung.
        trickle_s: Over which the lowest bearable rate is measured.
        trickle_bytes_per_s: That rate.
        waits_s: Pauses after the first, second … fault in a row; the last one repeats.
        jitter: Share by which a pause is drawn longer or shorter, so that a thousand clients of a
            server that comes back do not all come at once.
        faults: Faults in a row after which the transfer gives up.
        forgiven_after_bytes: New bytes after which the count of faults begins again.
        longest_retry_after_s: Cap on what a server may ask for with ``Retry-After``.
        lock_poll_s: Between looks at a lock that another program holds.
        beat_s: Between touches of a lock file where the kernel has no locks.
        stale_s: Without one for so long, its holder is gone.
        tick_s: Between progress events.
        rate_window_s: Over which the rate is measured.
        settle_s: To watch the rate before and after connections are added.
        widen_again_s: After adding one brought nothing, until it is tried again.
    """

    first_contact_s: float = 10.0
    first_waits_s: tuple[float, ...] = (2.5, 4.5)
    connect_s: float = 5.0
    answer_s: float = 15.0
    silence_s: float = 20.0
    trickle_s: float = 60.0
    trickle_bytes_per_s: float = 1000.0
    waits_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    jitter: float = 0.2
    faults: int = 8
    forgiven_after_bytes: int = 1_000_000
    longest_retry_after_s: float = 120.0
    lock_poll_s: float = 1.0
    beat_s: float = 2.0
    stale_s: float = HEARTBEAT_STALE_S
    tick_s: float = 0.125
    rate_window_s: float = 8.0
    settle_s: float = 2.0
    widen_again_s: float = 60.0


class Retries:
    """Counts the faults of one transfer, and says how long to pause after each."""

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
        return self._received == 0

    def connect_s(self) -> float:
        if self._contacted or self._faults:
            return self._patience.answer_s
        left_s = self._began_s + self._patience.first_contact_s - time.monotonic()
        return max(0.1, left_s)

    def note_contact(self) -> None:
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
