"""What was last seen of a conversation: as a file, in the first picture and in Textual's frame."""

from pathlib import Path

import pytest

from shammah_tui.adapters.screenful_file import ScreenfulFile
from shammah_tui.core.settings import Settings
from shammah_tui.first.look import Look
from shammah_tui.first.picture import picture
from shammah_tui.first.screenful import (
    COLORLESS,
    FORMAT,
    Screenful,
    from_bytes,
    read_screenful,
    to_bytes,
)
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.screens.last_screenful import what_is_seen
from shammah_tui.ui.seen_rows import strip_of
from tests.first.screen_cells import cells_of
from tests.first.test_picture import emulated, emulated_color
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import pane, talked

TEXT = """# A heading

Some *words*, some **bold**, `code`, ~~gone~~ and [a link](https://example.org).

> Quoted, 日本 — and é.

```python
for each in range(3):
    print(each, "a rather long line that goes on and on and on beyond the edge of the window")
```

| a | b |
|---|---|
| 1 | 2 |
"""
SIZE = (80, 24)
SMALL = Screenful(
    SIZE,
    "nord",
    7,
    [[("some ", "FFFFFF00000001"), ("wörds", "------12345600")], [("", "00000000000000")]],
    (3, 9),
    is_end=False,
)


def fields(screenful: Screenful | None) -> dict[str, object]:
    assert screenful is not None
    return vars(screenful)


def test_a_file_gives_back_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "state" / "screenful"
    ScreenfulFile(path).keep(SMALL)
    assert fields(read_screenful(str(path))) == fields(SMALL)
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_that_conversation_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "screenful"
    file = ScreenfulFile(path)
    file.keep(SMALL)
    file.forget(8)
    assert path.exists()
    file.forget(7)
    assert not path.exists()
    file.forget(7)
    file.keep(SMALL)
    assert path.exists()
    path.write_bytes(b"damaged")
    file.forget(8)
    assert not path.exists(), "nobody knows what it shows"


def test_a_damaged_file_is_ignored(tmp_path: Path) -> None:
    whole = to_bytes(SMALL)
    for at in range(len(whole)):
        assert from_bytes(whole[:at]) is None
        assert from_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]) is None
    assert read_screenful(str(tmp_path)) is None
    assert read_screenful(str(tmp_path / "missing")) is None


@pytest.mark.parametrize("control", ["\x1b[2J", "\x07", "\x7f", "\x9b", "\r", "\x00"])
def test_control_characters_never_reach_the_terminal(control: str) -> None:
    # The file is whole: somebody wrote it so.
    rows = [[(f"a{control}b", "FFFFFF00000000")]]
    assert from_bytes(to_bytes(Screenful(SIZE, "nord", 1, rows, (0, 1), is_end=True))) is None


@pytest.mark.parametrize(
    "code",
    [
        *("", "FFFFFF", "GGGGGG00000000", "FFFFFF------00", "-1FFFF00000000"),
        *("----10FFFFFF00", "----0-FFFFFF00", "FFFFFF----3F00", "----0FFFFFF00"),
    ],
)
def test_styles_that_are_none_are_refused(code: str) -> None:
    rows = [[("", code)]]
    assert from_bytes(to_bytes(Screenful(SIZE, "nord", 1, rows, (0, 1), is_end=True))) is None


@pytest.mark.parametrize(
    "head", ["nord end 80 24 0 1", "nord end 80 24 0 x 1", "nord end 80 24 5 1 1", "end"]
)
def test_a_place_that_cannot_be_is_refused(head: str) -> None:
    body = f"{head}\nFFFFFF00000000text".encode()
    assert from_bytes(f"{FORMAT} {sum(body)}\n".encode() + body) is None


async def opened(path: Path, theme: str, turns: int = 4) -> tuple[Stage, list[tuple[str, str]]]:
    said = [(f"Question {number}?", TEXT) for number in range(turns)]
    await kept(path, said)
    return Stage(settings=Settings(theme=theme), store_path=path, continue_last=True), said


def seen(app: ShammahApp) -> Screenful:
    found = what_is_seen(app.screen_stack[0], pane(app), 1)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("theme", "colors"),
    [
        *(("shammah-dark", colors) for colors in (16, 256, 1 << 24)),
        *(("shammah-light", colors) for colors in (16, 256, 1 << 24)),
        *(("ansi-dark", 16), ("ansi-light", 16), (COLORLESS, 16)),
    ],
)
@pytest.mark.parametrize("is_end", [True, False])
async def test_the_picture_is_cell_by_cell_what_the_screen_shows(
    tmp_path: Path, theme: str, colors: int, is_end: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if theme == COLORLESS:
        monkeypatch.setenv("NO_COLOR", "1")
    chosen = "shammah-dark" if theme == COLORLESS else theme
    stage, said = await opened(tmp_path / "store.db", chosen)
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await talked(tmp_path / "store.db", pilot, app, said)
        if not is_end:
            pane(app).scroll_to(y=25, animate=False)
        await pilot.pause(0.3)
        screenful = seen(app)
        assert screenful.is_end == is_end
        shown = cells_of(app.screen, colors)
        strips = app.screen._compositor.render_strips()
    look = Look(theme, colors, has_key=False, has_own_keys=False)
    drawn = emulated(picture(look, *SIZE, screenful=from_bytes(to_bytes(screenful))), SIZE)
    for number in range(2, SIZE[1] - 4):
        assert drawn[number] == [emulated_color(cell, colors) for cell in shown[number]], number
    # pyte has colours and bold only.
    for strip, row in zip(strips[2:-4], screenful.rows, strict=True):
        assert cells(strip_of(row)) == cells(strip)


def cells(strip: object) -> list[tuple[object, ...]]:
    """Return characters with all that a style may be."""
    return [
        (
            each,
            style.color,
            style.bgcolor,
            *(
                bool(getattr(style, name))
                for name in ("bold", "dim", "italic", "underline", "reverse", "strike")
            ),
        )
        for segment in strip  # type: ignore[attr-defined]
        for style in [segment.style]
        for each in segment.text
    ]


@pytest.mark.parametrize("is_end", [True, False])
@pytest.mark.parametrize("turns", [1, 4])
@pytest.mark.parametrize("text", ["", "three\nlines\ntyped"])
async def test_textual_draws_the_same_before_the_messages_are_there(
    tmp_path: Path, is_end: bool, turns: int, text: str
) -> None:
    size = (80, 40)
    stage, said = await opened(tmp_path / "store.db", "shammah-dark", turns)
    app = stage.app()
    async with app.run_test(size=size) as pilot:
        await talked(tmp_path / "store.db", pilot, app, said)
        if not is_end:
            pane(app).scroll_to(y=25, animate=False)
        await pilot.pause(0.3)
        screenful = seen(app)
        # A single turn leaves nothing to scroll.
        assert screenful.is_end == (is_end or turns == 1)
    stage.screenful = screenful
    again = stage.app()
    again._begin = never  # type: ignore[method-assign, assignment]
    async with again.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        again.screen.query_one("Composer").insert(text)  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        real = cells_of(again.screen)
    look = Look("shammah-dark", 1 << 24, has_key=False, has_own_keys=False)
    drawn = emulated(picture(look, *size, text, screenful=screenful), size)
    # Where the composer has grown, the scroll bar is Textual's.
    end = -1 if text else None
    rows = range(2, size[1] - (6 if text else 4))
    assert [drawn[row][:end] for row in rows] == [real[row][:end] for row in rows]


@pytest.mark.parametrize("theme", ["ansi-dark", COLORLESS])
async def test_textual_draws_the_same_in_the_terminals_colors(
    tmp_path: Path, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = "shammah-dark" if theme == COLORLESS else theme
    stage, said = await opened(tmp_path / "store.db", chosen)
    if theme == COLORLESS:
        monkeypatch.setenv("NO_COLOR", "1")
    first = stage.app()
    async with first.run_test(size=SIZE) as pilot:
        await talked(tmp_path / "store.db", pilot, first, said)
        await pilot.pause(0.3)
        stage.screenful = from_bytes(to_bytes(seen(first)))
    again = stage.app()
    again._begin = never  # type: ignore[method-assign, assignment]
    async with again.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        assert again.screen.query("ScreenfulView")
        real = cells_of(again.screen)
    look = Look(theme, 16, has_key=False, has_own_keys=False)
    drawn = emulated(picture(look, *SIZE, screenful=stage.screenful), SIZE)
    assert drawn[2:-4] == real[2:-4]
    # What has colours is not shown without, nor the other way round: it is drawn otherwise.
    usual = Look("shammah-dark", 16, has_key=False, has_own_keys=False)
    assert picture(usual, *SIZE, screenful=stage.screenful) == picture(usual, *SIZE)
    stage.settings = Settings()
    monkeypatch.delenv("NO_COLOR", raising=False)
    other = stage.app()
    other._begin = never  # type: ignore[method-assign, assignment]
    async with other.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        assert not other.screen.query("ScreenfulView")


async def never() -> None:
    """Nobody stands behind the screen yet."""


@pytest.mark.parametrize(("columns", "theme"), [(79, "shammah-dark"), (80, "shammah-light")])
async def test_another_size_or_theme_shows_the_welcome(
    tmp_path: Path, columns: int, theme: str
) -> None:
    stage, said = await opened(tmp_path / "store.db", "shammah-dark")
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await talked(tmp_path / "store.db", pilot, app, said)
        screenful = seen(app)
    look = Look(theme, 1 << 24, has_key=False, has_own_keys=False)
    assert picture(look, columns, 24, screenful=screenful) == picture(look, columns, 24)
    again = Stage(settings=Settings(theme=theme), screenful=screenful).app()
    again._begin = never  # type: ignore[method-assign, assignment]
    async with again.run_test(size=(columns, 24)) as pilot:
        await pilot.pause(0.1)
        assert not again.screen.query("ScreenfulView")
        assert again.screen.query_one("Welcome").display


async def test_without_a_conversation_the_welcome_comes_back(tmp_path: Path) -> None:
    stage, said = await opened(tmp_path / "store.db", "shammah-dark")
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await talked(tmp_path / "store.db", pilot, app, said)
        screenful = seen(app)
    again = Stage(store_path=tmp_path / "other.db", continue_last=True, screenful=screenful).app()
    async with again.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: not again.screen.query("ScreenfulView"))
        await pilot.pause(0.2)
        shown = cells_of(again.screen)
    empty = Stage(store_path=tmp_path / "other.db").app()
    async with empty.run_test(size=SIZE) as pilot:
        await pilot.pause(0.2)
        # Notices lie over the last rows' right half.
        assert [row[:30] for row in shown[2:-4]] == [
            row[:30] for row in cells_of(empty.screen)[2:-4]
        ]


async def test_a_message_that_was_deleted_is_not_among_what_is_kept(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("Keep this?", "Kept."), ("A secret?", "Hidden.")])
    path = tmp_path / "screenful"
    stage = Stage(
        store_path=tmp_path / "store.db", continue_last=True, screenfuls=ScreenfulFile(path)
    )
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: path.exists() and b"Hidden." in path.read_bytes())
        await pilot.press("ctrl+up", "d")
        await wait_until(pilot, lambda: b"Hidden." not in path.read_bytes())
        assert b"Kept." in path.read_bytes()
        await wait_until(pilot, lambda: len(pane(app).boxes) == 2)
        await pilot.press("ctrl+up", "d")
        await wait_until(pilot, lambda: not path.exists())


async def test_another_conversation_that_is_only_read_is_not_kept(tmp_path: Path) -> None:
    (first,) = await kept(tmp_path / "store.db", [("An old one?", "Yes, old.")])
    await kept(tmp_path / "store.db", [("A new one?", "Yes, new.")])
    path = tmp_path / "screenful"
    stage = Stage(
        store_path=tmp_path / "store.db", continue_last=True, screenfuls=ScreenfulFile(path)
    )
    app = stage.app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: path.exists())
        await app.screen.open_conversation(first)  # type: ignore[attr-defined]
        await pilot.pause(0.5)
        assert "Yes, old." in pane(app).boxes[-1].text
        app.exit()
    assert b"Yes, new." in path.read_bytes()
