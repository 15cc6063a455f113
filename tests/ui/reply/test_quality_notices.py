"""What makes a model's replies worse than they could be is told once, when it is ready."""

from dataclasses import replace

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.protocol.engine_messages import Notice
from tests.fakes import LOADED
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.local_model import load


async def test_the_engines_notices_are_one_notice_on_the_screen() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await load(stage, pilot)
        engine.emit(
            replace(
                LOADED, notices=(Notice("No template", "ChatML is a guess"), Notice("Old", "[b]"))
            )
        )
        await wait_for_state(pilot, app, Ready)
        await wait_until(pilot, lambda: bool(app._notifications))
        (notice,) = app._notifications
        assert notice.message == "No template: ChatML is a guess. Old: [b]"
        assert notice.severity == "warning"


async def test_a_good_file_says_nothing() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await load(stage, pilot)
        engine.emit(LOADED)
        await wait_for_state(pilot, app, Ready)
        assert not app._notifications
