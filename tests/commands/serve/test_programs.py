"""The programs behind the pages: each has one, which waits for it and ends with the server."""

import asyncio
import os
import signal
from collections.abc import Callable

import psutil
import pytest

from shammah_tui.commands.serve import page_server
from shammah_tui.commands.serve.page_server import MOST_WAITING_BYTES, Program
from tests.commands.serve.served import PATIENCE_S, Served, admitted, serving, window

PROMPT = b"Ask anything"


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not look():
            await asyncio.sleep(0.02)


def process_of(program: Program) -> psutil.Process:
    assert program._process is not None
    return psutil.Process(program._process.pid)


async def test_each_page_has_a_program_of_its_own(served: Served) -> None:
    async with (
        admitted(served) as session,
        window(session, served) as one,
        window(session, served) as other,
    ):
        await one.wait_for(PROMPT)
        await other.wait_for(PROMPT)
        await one.say("stdin", "zanzibar")
        await one.wait_for(b"zanzibar")
        assert len(served.programs) == 2
        await other.say("resize", {"width": 100, "height": 30})
        await other.wait_for(PROMPT)
        assert b"zanzibar" not in other.drawn


async def test_a_page_that_is_loaded_again_shows_its_program_as_it_stands(served: Served) -> None:
    async with admitted(served) as session:
        async with window(session, served) as before:
            await before.wait_for(PROMPT)
            await before.say("stdin", "zanzibar")
            await before.wait_for(b"zanzibar")
        (program,) = served.programs
        async with window(session, served, 100, 30) as after:
            # A new terminal knows of no modes.
            await after.wait_for(b"\x1b[?1049h")
            await after.wait_for(b"zanzibar")
            await after.say("stdin", "\x15gibraltar")
            await after.wait_for(b"gibraltar")
        assert served.programs == [program]


async def test_a_program_ends_when_its_page_stays_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_server, "AWAY_S", 0.2)
    async with admitted(served) as session:
        async with window(session, served) as page:
            await page.wait_for(PROMPT)
            (program,) = served.programs
            process = process_of(program)
        await until(lambda: not served.programs)
        assert not process.is_running()
        # The next one opens the conversation that was left.
        async with window(session, served) as page:
            await page.wait_for(PROMPT)
            (program,) = served.programs
            assert process_of(program).cmdline()[-1] == "--continue"


async def test_quitting_ends_the_session(served: Served) -> None:
    async with admitted(served) as session:
        async with window(session, served) as page:
            await page.wait_for(PROMPT)
            await page.say("stdin", "\x11")
            await page.wait_for_end()
        await until(lambda: not served.programs)
        async with window(session, served) as page:
            await page.wait_for(PROMPT)
            (program,) = served.programs
            assert process_of(program).cmdline()[-1] == "shammah_tui"


async def test_a_program_that_dies_closes_its_page(served: Served) -> None:
    async with admitted(served) as session:
        async with window(session, served) as page:
            await page.wait_for(PROMPT)
            (program,) = served.programs
            process_of(program).kill()
            await page.wait_for_end()
        await until(lambda: not served.programs)


async def test_what_is_no_message_closes_the_page(served: Served) -> None:
    async with admitted(served) as session:
        for message in ("{", "{}", "[]", '["stdin"]', '["resize", 3]', '["stdin", "\\ud800"]'):
            async with window(session, served) as page:
                await page.wait_for(PROMPT)
                await page.socket.send_str(message)
                assert await page.wait_for_end() == 1003
        # The program was none the wiser.
        assert len(served.programs) == 1


async def test_with_the_server_all_programs_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_server, "PATIENCE_S", 2.0)
    async with serving() as served, admitted(served) as session:
        async with window(session, served) as away:
            await away.wait_for(PROMPT)
        async with window(session, served) as first, window(session, served) as stopped:
            await first.wait_for(PROMPT)
            await stopped.wait_for(PROMPT)
            processes = [process_of(each) for each in served.programs]
            # The first one was taken up again.
            assert len(processes) == 2
            # One that does not listen is ended all the same.
            os.kill(processes[1].pid, signal.SIGSTOP)
            await served.runner.cleanup()
            await first.wait_for_end()
    assert not [each for each in processes if each.is_running()]


class SlowPage:
    """A browser that takes nothing until it is let."""

    closed = False

    def __init__(self) -> None:
        self.may_take = asyncio.Event()
        self.taken = b""

    async def send_bytes(self, data: bytes) -> None:
        await self.may_take.wait()
        self.taken += data


async def test_no_program_waits_for_a_browser(served: Served) -> None:
    """What a browser does not take in time is left out, and drawn anew once it takes again."""
    page = SlowPage()
    program = Program(served.server, continues=False)
    await program.start(80, 24)
    program.attach(page)  # type: ignore[arg-type]
    drawing = asyncio.create_task(program.show_on(page))  # type: ignore[arg-type]
    try:
        for _ in range(MOST_WAITING_BYTES // 1_000 + 10):
            async with asyncio.timeout(PATIENCE_S):
                await program._show(b"x" * 1_000)
        await program.send_bytes(b"zanzibar")
        page.may_take.set()
        # In one whole picture, after the modes.
        await until(lambda: b"zanzibar" in page.taken.rpartition(b"\x1b[?2004h")[2])
        assert len(page.taken) < MOST_WAITING_BYTES
    finally:
        drawing.cancel()
        program.detach()
        await program.end()
