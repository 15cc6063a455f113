import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.reply.links import BrowserError, open_in_browser
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows
from tests.ui.steps import click, notices


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the desktop was told to open, a line each, in a file that need not exist."""
    opened = tmp_path / "opened"
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("xdg-open", "open"):
        command = folder / name
        command.write_text(f'#!/bin/sh\necho noise\nprintf "%s\\n" "$@" >> "{opened}"\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return opened


async def answer(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press(*"hi", "enter")
    await wait_until(pilot, lambda: bool(app.screen.query("Markdown")))
    await wait_until(pilot, lambda: not app.screen.query(".waiting"))


async def test_a_click_opens_the_web_and_letters(desktop: Path) -> None:
    reply = "See [the page](https://example.org/a?b=c) or [write](mailto:a@example.org)."
    app = Stage(claude=FakeBackend(reply, CLAUDE_DONE)).app()
    async with app.run_test(size=(100, 24)) as pilot:
        await answer(pilot, app)
        await click(pilot, app, "the page")
        await wait_until(pilot, desktop.exists)
        await app.workers.wait_for_complete()
        await click(pilot, app, "write")
        wanted = "https://example.org/a?b=c\nmailto:a@example.org\n"
        await wait_until(pilot, lambda: desktop.read_text() == wanted)
        assert notices(app) == ""


async def test_a_link_in_a_table_is_opened_from_each_of_its_lines(desktop: Path) -> None:
    link = f"[{'a long text ' * 12}end](https://example.org/c)"
    app = Stage(claude=FakeBackend(f"| a |\n|---|\n| {link} |\n", CLAUDE_DONE)).app()
    async with app.run_test(size=(60, 24)) as pilot:
        await answer(pilot, app)
        await wait_until(pilot, lambda: row_of(app, "end") is not None)
        for text in ("long", "end"):
            await click(pilot, app, text)
            await app.workers.wait_for_complete()
        await wait_until(pilot, lambda: desktop.read_text() == "https://example.org/c\n" * 2)


async def test_nothing_else_is_opened(desktop: Path) -> None:
    reply = "[one](/etc/passwd) [two](vscode://file/x) ![three](pic.png)"
    app = Stage(claude=FakeBackend(reply, CLAUDE_DONE)).app()
    async with app.run_test(size=(100, 24)) as pilot:
        await answer(pilot, app)
        for text, href in (("one", "/etc/passwd"), ("two", "vscode://file/x"), ("three", "pic")):
            await click(pilot, app, text)
            await wait_until(pilot, lambda href=href: href in notices(app))  # type: ignore[misc]
        await app.workers.wait_for_complete()
        assert not desktop.exists()


async def test_the_address_is_shown_unless_the_text_is_it() -> None:
    reply = (
        "[the page](https://example.org/a) and <https://example.org/b>\n\n"
        "[https://bank.example](https://thief.example) and example.net\n\n"
        "| a |\n|---|\n| [cell](https://example.org/c) |\n\n"
        "![a picture](https://example.org/p.png) and [a file](<docs/a b.md>)\n"
    )
    app = Stage(claude=FakeBackend(reply, CLAUDE_DONE)).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await answer(pilot, app)
        await wait_until(pilot, lambda: row_of(app, "cell") is not None)
        shown = "\n".join(rows(app))
        assert "the page (https://example.org/a) and https://example.org/b" in shown
        assert "https://bank.example (https://thief.example) and example.net" in shown
        assert shown.count("https://example.org/b") == 1
        assert shown.count("example.net") == 1
        assert "cell (https://example.org/c)" in shown
        assert "a picture (https://example.org/p.png) and a file (docs/a b.md)" in shown


async def test_entities_are_text_and_bring_no_control_characters() -> None:
    app = Stage(claude=FakeBackend("a&#x202e;b&#x9b;c &amp; d", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await answer(pilot, app)
        text = "\n".join(rows(app))
        assert "\u202e" not in text and "\x9b" not in text
        assert "a&#x202e;b&#x9b;c &amp; d" in text


def test_without_a_desktop_it_says_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match=r"missing.*https://example\.org"):
        open_in_browser("https://example.org")


def test_a_desktop_that_refuses_is_said(desktop: Path) -> None:
    for command in (desktop.parent / "bin").iterdir():
        command.write_text("#!/bin/sh\nexit 4\n")
    with pytest.raises(BrowserError, match=r"the address is https://example\.org"):
        open_in_browser("https://example.org")


def test_the_desktop_has_no_terminal_to_write_to(
    desktop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    open_in_browser("https://example.org")
    assert desktop.read_text() == "https://example.org\n"
    assert capfd.readouterr().out == ""
