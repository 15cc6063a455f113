"""Times that are kept, as people read them, whatever stands in a file."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
EARLIEST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
LATEST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def utc_time(ms: int) -> datetime:
    """Return a time in UTC; beyond the calendar's ends it is the end."""
    return _EPOCH + min(max(ms, EARLIEST_MS), LATEST_MS) * _MILLISECOND


def local_time(ms: int) -> datetime:
    """Return a time on this machine's clock; where the clock has none, it is UTC."""
    moment = utc_time(ms)
    try:
        return moment.astimezone()
    except (ValueError, OverflowError, OSError):
        # Within a day of the calendar's ends.
        return moment
