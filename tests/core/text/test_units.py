import pytest

from shammah_tui.core.text.units import (
    format_duration,
    format_percent,
    format_rate,
    format_size,
    format_sizes,
    format_tokens,
)


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (340_000_000, "340 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1.0 GB"),
        (2_740_937_888, "2.7 GB"),
        (22_100_000_000, "22.1 GB"),
        (142_000_000_000, "142 GB"),
        (1_420_000_000_000, "1.4 TB"),
        (14_200_000_000_000_000, "14200 TB"),
    ],
)
def test_sizes(size_bytes: int, words: str) -> None:
    assert format_size(size_bytes) == words


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [
        (1_233_000_000, 2_740_000_000, "1.2/2.7 GB"),
        (0, 2_740_000_000, "0.0/2.7 GB"),
        (2_699_999_999, 2_700_000_000, "2.6/2.7 GB"),
        (2_700_000_000, 2_700_000_000, "2.7/2.7 GB"),
        (5, 640_000_000, "0/640 MB"),
        (10, 10, "10/10 B"),
    ],
)
def test_two_sizes(done: int, total: int, words: str) -> None:
    assert format_sizes(done, total) == words


def test_two_sizes_in_a_sentence() -> None:
    assert format_sizes(1_233_000_000, 2_740_000_000, " of ") == "1.2 of 2.7 GB"


@pytest.mark.parametrize(
    ("rate", "words"),
    [(18e6, "18 MB/s"), (1.44e6, "1.4 MB/s"), (0.0, "0 B/s"), (64_300.0, "64 kB/s")],
)
def test_rates(rate: float, words: str) -> None:
    assert format_rate(rate) == words


@pytest.mark.parametrize(
    ("fraction", "words"),
    [(0, "0 %"), (0.45, "45 %"), (0.29, "29 %"), (0.9999, "99 %"), (1, "100 %"), (1.5, "100 %")],
)
def test_shares(fraction: float, words: str) -> None:
    assert format_percent(fraction) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0s"),
        (0, "0s"),
        (0.2, "1s"),
        (59, "59s"),
        (59.5, "1m 00s"),
        (83, "1m 23s"),
        (3599, "59m 59s"),
        (3600, "1h 00m"),
        (7_500, "2h 05m"),
        (86_399, "23h 59m"),
        (100_800, "1d 04h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (1024, "1k"),
        (1234, "1.2k"),
        (8192, "8k"),
        (10_188, "9.9k"),
        (10_189, "10k"),
        (32_768, "32k"),
        (262_144, "256k"),
    ],
)
def test_tokens(tokens: int, words: str) -> None:
    assert format_tokens(tokens) == words
