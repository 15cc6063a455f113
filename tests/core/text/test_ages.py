from datetime import datetime

import pytest

from shammah_tui.core.text.units import format_age

NOW = datetime(2026, 11, 30, 14, 0, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("then", "age"),
    [
        ("2026-11-30 14:00:30", "just now"),
        ("2026-11-30 13:59:01", "just now"),
        ("2026-11-30 13:55:00", "5 min ago"),
        ("2026-11-30 13:00:01", "59 min ago"),
        ("2026-11-30 11:30:00", "2 h ago"),
        ("2026-11-29 23:59:00", "14 h ago"),
        ("2026-11-29 09:00:00", "yesterday"),
        ("2026-11-27 09:00:00", "3 days ago"),
        ("2026-11-23 09:00:00", "23 Nov"),
        ("2025-11-30 09:00:00", "Nov 2025"),
    ],
)
def test_ages(then: str, age: str) -> None:
    assert format_age(datetime.fromisoformat(then), NOW) == age
    assert len(age) <= 10
