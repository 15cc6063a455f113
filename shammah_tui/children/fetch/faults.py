"""The faults of a transfer: passing ones are retried, lasting ones end it."""

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
