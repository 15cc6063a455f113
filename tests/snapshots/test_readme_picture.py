from pathlib import Path

import pytest
from pytest_textual_snapshot import normalize_svg
from textual._doc import take_svg_screenshot

from tests.snapshots.scenes import play, stage_for

PICTURE = Path(__file__).parents[2] / "assets" / "chat.svg"


def test_the_readme_shows_what_the_program_draws(request: pytest.FixtureRequest) -> None:
    """``pytest --snapshot-update`` draws it anew."""
    stage = stage_for("ready", "shammah-dark")
    app = stage.app()
    try:
        drawn = take_svg_screenshot(
            app, terminal_size=(100, 34), run_before=play("ready", stage, app)
        )
    finally:
        app.loader.close()
    picture = "\n".join(line.rstrip() for line in normalize_svg(drawn).splitlines()) + "\n"
    if request.config.getoption("--snapshot-update"):
        PICTURE.write_text(picture, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == picture
