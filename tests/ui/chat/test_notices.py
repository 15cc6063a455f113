"""Notices: small, one for a subject, and not over what they speak of."""

from pathlib import Path

from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of
from tests.ui.opened import said
from tests.ui.steps import composer


async def test_a_notice_takes_the_place_of_the_one_before() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        for number in range(5):
            app.notify(f"Done {number}")
        await wait_until(pilot, lambda: said(app) == ["Done 4"])
        # What is wrong stays, and is said once.
        for number in (1, 2, 2, 1):
            app.notify(f"Trouble {number}", severity="error")
        await wait_until(pilot, lambda: len(said(app)) == 3)
        assert sorted(said(app)) == ["Done 4", "Trouble 1", "Trouble 2"]
        for number in range(3, 9):
            app.notify(f"Trouble {number}", severity="error")
        await wait_until(pilot, lambda: "Trouble 8" in said(app))
        assert len(said(app)) == 3


async def test_a_notice_stands_on_the_composers_edge() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        app.notify("Copied")
        for text in ("", "one\ntwo\nthree\nfour"):
            composer(app).load_text(text)
            await wait_until(
                pilot, lambda: row_of(app, "Copied") == composer(app).region.y, turns=200
            )


async def test_what_was_seen_does_not_cover_the_next_reply(tmp_path: Path) -> None:
    app = Stage(claude=claude(), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        app.notify("Old trouble", severity="error", timeout=60)
        await wait_until(pilot, lambda: said(app) == ["Old trouble"])
        for each in app._notifications:
            each.raised_at -= 10
        app.notify("New trouble", severity="error", timeout=60)
        await wait_until(pilot, lambda: len(said(app)) == 2)
        await pilot.press("h", "i", "enter")
        await wait_until(pilot, lambda: said(app) == ["New trouble"])
