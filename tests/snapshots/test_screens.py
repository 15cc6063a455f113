import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from shammah_tui.adapters.sqlite import writing
from shammah_tui.core.conversation.titles import first_title
from shammah_tui.ui.panels import conversations
from tests.snapshots.kept_scenes import NOON_MS
from tests.snapshots.scenes import SCENES, SMALL_SCENES, play, stage_for

DAY = date(2026, 11, 30)
"""On which every conversation of the pictures begins: some titles name the day."""
SIZES = {"small": (80, 24), "large": (160, 48)}


@pytest.fixture(autouse=True)
def greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the times in lists read the same everywhere."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    noon = datetime.fromtimestamp(NOON_MS / 1000).astimezone()
    monkeypatch.setattr(conversations, "local_now", lambda: noon)
    monkeypatch.setattr(writing, "first_title", lambda question, _: first_title(question, DAY))
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_screen(scene: str, size: str, theme: str, snap_compare: Callable[..., Any]) -> None:
    stage = stage_for(scene, f"shammah-{theme}")
    app = stage.app()
    try:
        assert snap_compare(app, terminal_size=SIZES[size], run_before=play(scene, stage, app))
    finally:
        app.loader.close()


@pytest.mark.parametrize("scene", ["ready", "panel", "completions", "help_page", "palette"])
@pytest.mark.parametrize("look", ["contrast", "plain", "no-color"])
def test_screen_for_those_who_see_little_or_less(
    scene: str, look: str, snap_compare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    theme = "shammah-contrast" if look == "contrast" else "shammah-dark"
    stage = stage_for(scene, theme, plain=look == "plain")
    app = stage.app()
    try:
        assert snap_compare(app, terminal_size=(80, 24), run_before=play(scene, stage, app))
    finally:
        app.loader.close()


@pytest.mark.parametrize("look", ["dark", "plain"])
@pytest.mark.parametrize("scene", SMALL_SCENES)
def test_screen_in_a_small_window(scene: str, look: str, snap_compare: Callable[..., Any]) -> None:
    stage = stage_for(scene, "shammah-dark", plain=look == "plain")
    app = stage.app()
    try:
        assert snap_compare(app, terminal_size=SIZES["small"], run_before=play(scene, stage, app))
    finally:
        app.loader.close()
