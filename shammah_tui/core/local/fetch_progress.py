"""What the fetch child tells, as changes of the generator's state."""

from collections.abc import Iterator

from shammah_tui.core.local.generator import Downloading, GeneratorState
from shammah_tui.core.local.generator_events import (
    DownloadChecked,
    DownloadProgressed,
    DownloadStarted,
    DownloadTruncated,
    DownloadWaiting,
    GeneratorEvent,
    Restarted,
)
from shammah_tui.core.protocol.fetch_messages import Checked, Progressed, Waiting


def generator_events(
    state: GeneratorState, event: Progressed | Checked | Waiting
) -> Iterator[GeneratorEvent]:
    """Yield the changes that ``event`` makes to ``state``, in order.

    Figures that go back are explained first: a file that was replaced upstream has another total,
    and bytes that were found bad are thrown away.
    """
    match event:
        case Checked(checked, kept):
            yield DownloadChecked(checked, kept)
        case Progressed(done, total, rate, part, parts):
            yield from _explained(state, done, total)
            yield DownloadProgressed(done, total, rate, part, parts)
        case Waiting(reason, retry_in_s, done, total):
            yield from _explained(state, done, total)
            yield DownloadWaiting(reason, retry_in_s, done, total)


def _explained(state: GeneratorState, done: int, total: int) -> Iterator[GeneratorEvent]:
    if not isinstance(state, Downloading):
        return
    if state.total_bytes and total and total != state.total_bytes:
        yield Restarted(state.model)
        yield DownloadStarted(done, total, state.parts)
    elif done < state.done_bytes:
        yield DownloadTruncated(done)
