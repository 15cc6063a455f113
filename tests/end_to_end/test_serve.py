"""``shammah serve`` as a person has it: a terminal with the server, and headless Chromium."""

import re
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import trustme

from tests.commands.serve.served import visitor
from tests.end_to_end.chromium import Chromium, Page, browser
from tests.end_to_end.terminal import Terminal, processes_of
from tests.end_to_end.world import CLAUDE_SHOWN, World

ASKED = "What is zanzibar?"
LABEL = "Claude Sonnet 5.5"


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Chromium]:
    folder = tmp_path / "chromium"
    folder.mkdir()
    async with browser(folder) as chromium:
        yield chromium


def serve(world: World) -> tuple[Terminal, str]:
    """Start the server; return its terminal and the address that it prints."""
    terminal = world.start("serve", columns=120)
    address = terminal.wait_for_match(r"(http://127\.0\.0\.1:\d+/\?token=[\w-]+) ")[1]
    return terminal, address


def programs(world: World) -> list[psutil.Process]:
    """Return the chats behind the pages."""
    running = processes_of(str(world.home))
    return [each for each in running if each.cmdline()[1:3] == ["-m", "shammah_tui"]][1:]


async def ask(page: Page, question: str) -> None:
    await page.type(question)
    await page.wait_for(question)
    await page.press_enter()


async def test_a_conversation_on_a_page(world: World, chromium: Chromium) -> None:
    """Type, stream, label, resize, reload, go on."""
    world.api.hold(after_deltas=4)
    terminal, address = serve(world)
    async with chromium.page() as page:
        await page.resize(1000, 600)
        await page.open(address)
        await page.wait_for("Ask anything")
        await ask(page, ASKED)
        # The reply comes in pieces.
        beginning = " ".join(CLAUDE_SHOWN.split()[:3])
        shown = await page.wait_for(beginning)
        assert CLAUDE_SHOWN not in shown

        # A page that is loaded again in the middle of a reply shows it going on.
        await page.call("Page.reload")
        shown = await page.wait_for(beginning)
        assert CLAUDE_SHOWN not in shown and ASKED in shown
        world.api.release()
        shown = await page.wait_for(CLAUDE_SHOWN)
        await page.wait_for(lambda screen: LABEL in screen and "Stop" not in screen)

        before = await page.columns()
        assert max(map(len, shown.splitlines())) == before
        await page.resize(1400, 900)
        await page.wait_for(lambda screen: _is_as_wide_as(screen, before * 1.3))
        assert await page.columns() > before * 1.3
        assert CLAUDE_SHOWN in await page.screen()
        await page.resize(700, 500)
        await page.wait_for(lambda screen: LABEL in screen and not _is_as_wide_as(screen, before))

        await page.call("Page.reload")
        await page.wait_for(lambda screen: CLAUDE_SHOWN in screen and LABEL in screen)
        await ask(page, "And gibraltar?")
        await page.wait_for(lambda screen: screen.count(CLAUDE_SHOWN) == 2)
        assert "gibraltar" in str(world.api.calls[-1].body["messages"][-1])
        # Of the same conversation, in the same program.
        assert ASKED in str(world.api.calls[-1].body["messages"][0])
        assert len(programs(world)) == 1

        origin = address.partition("/?")[0]
        foreign = [each for each in page.requested if not _is_of(each, origin)]
        assert foreign == []
        assert [each for each in page.said if "WebGL" not in each] == []
        assert await page.evaluate("document.cookie") == ""
        assert await page.evaluate("location.href") == f"{origin}/"

    terminal.signal(signal.SIGINT)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()
    # Neither the key nor the token is in what was logged.
    token = address.partition("token=")[2]
    for secret in (token, world.environment["ANTHROPIC_API_KEY"], "zanzibar"):
        assert secret not in world.logs()
    assert terminal.text.count("Traceback") == 0


async def test_another_browser_is_refused_and_quitting_says_so(
    world: World, chromium: Chromium, tmp_path: Path
) -> None:
    terminal, address = serve(world)
    (tmp_path / "other").mkdir()
    async with chromium.page() as page, browser(tmp_path / "other") as other:
        await page.open(address)
        await page.wait_for("Ask anything")
        async with other.page() as stranger:
            await stranger.open(address)
            await stranger.wait_for_text("This address was opened before")
        await page.press("q", 81, modifiers=2)
        await page.wait_for_text("The session has ended.")
        await page.press_enter()
        await page.wait_for("Ask anything")
    terminal.signal(signal.SIGINT)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()


async def test_a_server_that_is_killed_takes_its_programs_along(
    world: World, chromium: Chromium
) -> None:
    terminal, address = serve(world)
    async with chromium.page() as page:
        await page.open(address)
        await page.wait_for("Ask anything")
        assert len(programs(world)) == 1
        terminal.signal(signal.SIGKILL)
        await page.wait_for_text("The session has ended.")
    assert terminal.wait_for_exit() == 128 + signal.SIGKILL
    terminal.assert_no_process_left()


async def test_with_a_certificate_and_the_browser_that_it_opens(
    world: World, tmp_path: Path
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o700)
    world.environment["BROWSER"] = f"{browser} %s"
    arguments = ("--host", "localhost", "--cert", str(cert), "--key", str(key), "--open")
    terminal = world.start("serve", *arguments, columns=120)
    pattern = r"(https://127\.0\.0\.1:\d+/\?token=[\w-]+) "
    address = terminal.wait_for_match(pattern)[1]
    terminal.wait_for(lambda _: opened.exists())
    assert opened.read_text() == f"{address}\n"

    trusts = ssl.create_default_context()
    authority.configure_trust(trusts)
    async with visitor(trusts) as session:
        first = await session.get(address)
        assert first.status == 200
        assert all(each["secure"] for each in first.cookies.values())
        page = await session.get(address.partition("?")[0])
        assert page.status == 200 and "wss://127.0.0.1" in await page.text()
    terminal.signal(signal.SIGTERM)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()


def _is_as_wide_as(screen: str, columns: float) -> bool:
    return max(map(len, screen.splitlines()), default=0) > columns


def _is_of(address: str, origin: str) -> bool:
    return re.sub("^ws", "http", address).startswith((f"{origin}/", "data:"))
