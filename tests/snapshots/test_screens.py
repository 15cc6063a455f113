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
