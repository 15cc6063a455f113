"""The server of the page: textual-serve's, with a check before it and programs that can wait.

From textual-serve come the routes, the page's terminal and the packets between it and a program.
Different here: a program is started without a shell and outlives its page for a while, so that a
page that is loaded again shows it as it stands; what a browser does not take in time is left out
and drawn anew, so that no program waits for a browser; all programs end with the server, whatever
they do; and nothing is logged, for requests hold the token, and packets what is typed.
"""

import asyncio
import ssl
import sys
from asyncio.subprocess import PIPE
from collections import deque
from contextlib import suppress
from pathlib import Path
from socket import socket

import aiohttp_jinja2
from aiohttp import WSCloseCode, web
from aiohttp.client_exceptions import ClientError
from textual_serve.app_service import AppService
from textual_serve.server import Server

from shammah_tui.commands.serve.admission import Admission
from shammah_tui.core.wording import commands as words

AWAY_S = 15.0
"""How long a program waits for its page to come back: loaded again, or after a broken line."""
PATIENCE_S = 8.0
"""With a program that was told to end: it writes down what is not kept yet, and ends its engine."""
MOST_WAITING_BYTES = 256 * 1024
"""As for a terminal: five to ten whole pictures of a big window."""
_HEARTBEAT_S, _CLOSE_S = 15.0, 2.0
_SIZES = range(1, 1001)
"""Columns or rows that a page may ask for."""


class Program(AppService):
    """One running chat, and the page that shows it at the moment, if any does.

    Args:
        continues: Whether to open the last conversation.
    """

    def __init__(self, server: "PageServer", *, continues: bool) -> None:
        super().__init__(
            "",
            write_bytes=self._show,
            write_str=self._tell,
            close=self._close_page,
            download_manager=server.download_manager,
        )
        self._continues = continues
        self._page: web.WebSocketResponse | None = None
        self._waiting = deque[bytes]()
        self._waiting_bytes = 0
        self._changed = asyncio.Event()
        self._is_behind = False
        self.was_left = False
        """Whether the program itself has ended the session."""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _open_app_process(
        self, width: int = 80, height: int = 24
    ) -> asyncio.subprocess.Process:
        environment = self._build_environment(width, height)
        environment["TERM"] = "xterm-256color"
        # Textual reads LINES, where textual-serve says ROWS.
        environment.pop("LINES", None)
        arguments = ["--continue"] if self._continues else []
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shammah_tui", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            # Ctrl+C in the server's terminal is the server's.
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Read what the program writes until it ends, and close its page then."""
        await super().run()
        await self._close_page()

    async def show_on(self, page: web.WebSocketResponse) -> None:
        """Write to ``page`` what the program draws, until it is closed."""
        try:
            while not page.closed:
                await self._changed.wait()
                self._changed.clear()
                while self._waiting:
                    piece = self._waiting.popleft()
                    self._waiting_bytes -= len(piece)
                    await page.send_bytes(piece)
                if self._is_behind:
                    self._is_behind = False
                    await self.redraw()
        except (ConnectionError, ClientError):
            # The page's other half notices, too.
            return

    def attach(self, page: web.WebSocketResponse) -> None:
        self._page = page

    def detach(self) -> None:
        """Have what is drawn from here on thrown away."""
        self._page = None
        self._waiting.clear()
        self._waiting_bytes = 0

    async def redraw(self) -> None:
        """Have the program draw everything."""
        await self.send_meta({"type": "redraw"})

    async def end(self) -> None:
        """Have the program end; kill it where it does not."""
        process = self._process
        assert process is not None
        # Not under a timeout: textual-serve's task takes being cancelled for its end.
        stopping = asyncio.create_task(self.stop())
        ended = asyncio.create_task(process.wait())
        await asyncio.wait([ended], timeout=PATIENCE_S)
        if not ended.done():
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(ended, stopping)

    async def _show(self, data: bytes) -> None:
        if self._page is None or self._is_behind:
            return
        if self._waiting_bytes + len(data) > MOST_WAITING_BYTES:
            self._is_behind = True
            self._waiting.clear()
            self._waiting_bytes = 0
        else:
            self._waiting.append(data)
            self._waiting_bytes += len(data)
        self._changed.set()

    async def _tell(self, message: str) -> None:
        if self._page is not None:
            with suppress(ConnectionError, ClientError):
                await self._page.send_str(message)

    async def _close_page(self) -> None:
        self.was_left = True
        if self._page is not None:
            await self._page.close()


class PageServer(Server):
    """Serves the page to whom ``admission`` admits."""

    def __init__(self, admission: Admission) -> None:
        super().__init__(
            "shammah",
            title="Shammah",
            public_url=admission.origin,
            templates_path=Path(__file__).parent / "page",
        )
        self._admission = admission
        self._pages = set[web.WebSocketResponse]()
        self._programs = set[Program]()
        self._away = dict[Program, asyncio.Task[None]]()
        self._ending = set[asyncio.Task[None]]()
        self._was_lost = False
        self._is_closing = False

    async def listen(self, listening: socket, tls: ssl.SSLContext | None) -> web.AppRunner:
        """Begin to serve; whoever calls has the runner cleaned up."""
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, listening, ssl_context=tls).start()
        return runner

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        self._admission.guard(app)
        aiohttp_jinja2.get_env(app).globals.update(
            nonce=self._admission.nonce, ended=words.PAGE_ENDED, again=words.PAGE_AGAIN
        )
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the address is the command's to print."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        """End all programs and close their pages."""
        self._is_closing = True
        for waiting in self._away.values():
            waiting.cancel()
        closing = (page.close(code=WSCloseCode.GOING_AWAY) for page in self._pages)
        ending = (program.end() for program in self._programs)
        await asyncio.gather(*closing, *ending, return_exceptions=True)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Show a program on a page, and end it when the page stays away."""
        page = web.WebSocketResponse(timeout=_CLOSE_S, heartbeat=_HEARTBEAT_S)
        await page.prepare(request)
        self._pages.add(page)
        program = await self._program_for(page, *(_size(request, *usual) for usual in _USUAL))
        drawing = asyncio.create_task(program.show_on(page))
        try:
            await self._process_messages(page, program)
        except (AssertionError, IndexError, KeyError, TypeError, ValueError):
            # No message of our page's.
            await page.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            self._pages.discard(page)
            drawing.cancel()
            program.detach()
            self._wait_for_page(program)
        return page

    async def _program_for(self, page: web.WebSocketResponse, width: int, height: int) -> Program:
        """Return the program that waits for a page since the shortest time, else a new one."""
        while self._away:
            program, waiting = self._away.popitem()
            waiting.cancel()
            if program.is_running and not program.was_left:
                program.attach(page)
                await program.set_terminal_size(width, height)
                await program.redraw()
                return program
            self._end_soon(program)
        program = Program(self, continues=self._was_lost)
        self._was_lost = False
        program.attach(page)
        self._programs.add(program)
        await program.start(width, height)
        return program

    def _wait_for_page(self, program: Program) -> None:
        if self._is_closing:
            return
        if program.was_left or not program.is_running:
            self._end_soon(program)
            return
        self._away[program] = asyncio.create_task(self._end_when_away(program))

    async def _end_when_away(self, program: Program) -> None:
        await asyncio.sleep(AWAY_S)
        del self._away[program]
        self._was_lost = True
        self._end_soon(program)

    def _end_soon(self, program: Program) -> None:
        async def end() -> None:
            await program.end()
            self._programs.discard(program)
            self._ending.discard(task)

        task = asyncio.create_task(end())
        self._ending.add(task)


_USUAL = (("width", 80), ("height", 24))


def _size(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 5 and int(text) in _SIZES else usual
