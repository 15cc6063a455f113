"""How long ago something was, as a list says it."""

from datetime import datetime

_MINUTE_S = 60
_HOUR_S = 3_600
_NIGHT_S = 15 * _HOUR_S
"""What was this short ago is not called yesterday, though midnight was between."""
_WEEK_DAYS = 7


def format_age(then: datetime, now: datetime) -> str:
    """Return ``just now``, ``5 min ago``, ``2 h ago``, ``yesterday``, ``3 days ago``, ``12 Oct``.

    At most ten cells. What was in another year is told by its month, and the future is now.

    Args:
        then: When it was; local time, as ``now``.
        now: The present.
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
