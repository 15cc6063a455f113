from collections.abc import Callable
from typing import Any

import pytest

from tests.snapshots.scenes import SCENES, play, stage_for

LOOKS = {"small-dark": ((80, 24), "shammah-dark"), "large-light": ((160, 48), "shammah-light")}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("scene", SCENES)
def test_screen(scene: str, look: str, snap_compare: Callable[..., Any]) -> None:
    size, theme = LOOKS[look]
    stage = stage_for(scene, theme)
    app = stage.app()
    try:
        assert snap_compare(app, terminal_size=size, run_before=play(scene, stage, app))
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
