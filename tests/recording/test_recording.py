"""What a recording shows, and when."""

import re

import pytest

from tests.recording.animated_svg import LAST_S, animated_svg
from tests.recording.frames import STILL_S, Frame, frames_of


def _texts(frames: list[Frame]) -> list[str]:
    return ["".join(run.text for run in frame.rows[0]).rstrip() for frame in frames]


def _frames(*pieces: tuple[float, bytes]) -> list[Frame]:
    return frames_of(pieces, 20, 2, "ffffff", "000000")


def test_the_clock_is_the_real_one_but_for_stillness() -> None:
    frames = _frames((5.0, b"a"), (5.05, b"b"), (5.5, b"c"), (45.5, b"d"))
    assert _texts(frames) == ["ab", "abc", "abcd"]
    assert [frame.shown_s for frame in frames] == pytest.approx([0.5, STILL_S, STILL_S])


def test_what_changes_nothing_is_no_picture() -> None:
    assert _texts(_frames((0.0, b"a"), (0.5, b"\x1b[m"), (1.0, b"b"))) == ["a", "ab"]


def test_it_is_drawn_in_its_colours() -> None:
    (frame,) = _frames((0.0, b"\x1b[?25l\x1b[1;38;2;1;2;3;48;2;4;5;6mbold\x1b[m plain"))
    bold, plain = frame.rows[0]
    assert (bold.text, bold.color, bold.background, bold.is_bold) == (
        "bold",
        "010203",
        "040506",
        True,
    )
    assert (plain.column, plain.text.rstrip(), plain.color) == (4, " plain", "ffffff")


def test_the_film_has_each_row_once_and_each_picture_at_its_time() -> None:
    frames = _frames((0.0, b"\x1b[?25lsame\r\n1 < 2"), (1.0, b"\r3 & 4"), (3.0, b"\r5"))
    svg = animated_svg(frames, 20, "000000", "It")
    assert svg.count(">same<") == 1
    assert "1 &lt; 2" in svg
    assert "3 &amp; 4" in svg
    assert svg.count('<use href="#r0"') == 3
    whole_s = 1.0 + STILL_S + LAST_S
    starts = [float(each) for each in re.findall(r"([\d.]+)%\{", svg)]
    assert starts == pytest.approx([0, 100 / whole_s, 100 * (1 + STILL_S) / whole_s], abs=0.01)
