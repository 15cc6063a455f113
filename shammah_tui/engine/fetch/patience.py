"""How long the transfer waits for what."""

from dataclasses import dataclass

from shammah_tui.core.hub_paths import HEARTBEAT_STALE_S


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
        stale_s: Without one for so long, whoever held it is gone.
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
