"""Sizes, rates, durations, ages and dates as people read them."""

import math
from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
EARLIEST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
LATEST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND


def utc_time(ms: int) -> datetime:
    """Return a time in UTC; beyond the calendar's ends it is the end."""
    return _EPOCH + min(max(ms, EARLIEST_MS), LATEST_MS) * _MILLISECOND


def local_time(ms: int, zone: tzinfo | None = None) -> datetime:
    """Return a time in a zone, this machine's by default; where that has none, it is UTC."""
    moment = utc_time(ms)
    try:
        return moment.astimezone(zone)
    except (ValueError, OverflowError, OSError):
        # Within a day of the calendar's ends.
        return moment


_MINUTE_S = 60
_HOUR_S = 3_600
_NIGHT_S = 15 * _HOUR_S
"""What was this short ago is not called yesterday, though midnight was between."""
_WEEK_DAYS = 7


def format_age(then: datetime, now: datetime) -> str:
    """Return ``just now``, ``5 min ago``, ``2 h ago``, ``yesterday``, ``3 days ago``, ``12 Oct``.

    At most ten cells. What was in another year is told by its month, and the future is now.
    """
    seconds = (now - then).total_seconds()
    days = (now.date() - then.date()).days
    if seconds < _MINUTE_S:
        return "just now"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S:.0f} min ago"
    if days == 0 or seconds < _NIGHT_S:
        return f"{seconds // _HOUR_S:.0f} h ago"
    if days == 1:
        return "yesterday"
    if days < _WEEK_DAYS:
        return f"{days} days ago"
    return f"{then.day} {then:%b}" if then.year == now.year else f"{then:%b %Y}"


_UNITS = ("B", "kB", "MB", "GB", "TB")


def format_size(size_bytes: int) -> str:
    """Return a size such as ``2.7 GB``, ``340 MB`` or ``512 B``."""
    unit = _unit(size_bytes)
    return f"{_number(size_bytes, unit)} {_UNITS[unit]}"


def format_sizes(done_bytes: int, total_bytes: int, between: str = "/") -> str:
    """Return two sizes in the unit of the greater one, such as ``1.2/2.7 GB``.

    The first is rounded down, so that it equals the second only when nothing is missing.
    """
    unit = _unit(max(done_bytes, total_bytes))
    total = _number(total_bytes, unit)
    digits = len(total.partition(".")[2])
    scale = 10**digits
    done = math.floor(done_bytes * scale / 1000**unit) / scale
    return f"{done:.{digits}f}{between}{total} {_UNITS[unit]}"


def format_rate(bytes_per_s: float) -> str:
    """Return a rate such as ``18 MB/s``."""
    return f"{format_size(round(bytes_per_s))}/s"


def format_percent(fraction: float) -> str:
    """Return a share such as ``45 %``, rounded down: ``100 %`` means that nothing is missing."""
    # A share of whole percents that came from a division may lie a hair below.
    return f"{max(0, min(100, math.floor(fraction * 100 + 1e-9)))} %"


def format_tokens(tokens: int) -> str:
    """Return a number of tokens such as ``950``, ``1.2k`` or ``32k``.

    A k is 1,024, as in the lengths of contexts: one of 8,192 tokens is known as 8k.
    """
    if tokens < 1000:
        return str(tokens)
    thousands = tokens / 1024
    if thousands >= 9.95 or tokens % 1024 == 0:
        return f"{thousands:.0f}k"
    return f"{thousands:.1f}k"


def format_duration(seconds: float) -> str:
    """Return a duration such as ``23s``, ``1m 23s``, ``2h 05m`` or ``3d 04h``.

    Seconds are rounded up, greater units down.
    """
    whole = max(0, math.ceil(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02}h"


def _unit(size_bytes: int) -> int:
    unit = 0
    # 999 950 would be shown as "1000 kB": the next unit begins where rounding reaches it.
    while unit < len(_UNITS) - 1 and size_bytes >= 999.5 * 1000**unit:
        unit += 1
    return unit


def _number(size_bytes: int, unit: int) -> str:
    value = size_bytes / 1000**unit
    # Sizes of models are told apart by a tenth of a gigabyte; megabytes only below ten.
    tenths = unit > 0 and (value < 9.95 or (unit >= 3 and value < 99.95))
    return f"{value:.1f}" if tenths else f"{value:.0f}"
