"""The real server on loopback, and browsers as far as its rules are concerned."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from shammah_tui.commands.serve.admission import Admission
from shammah_tui.commands.serve.page_server import PageServer, Program

PATIENCE_S = 30.0


@dataclass
class Served:
    """A server that is running.

    Attributes:
        address: The one with the token.
        origin: Its beginning.
    """

    server: PageServer
    runner: web.AppRunner
    address: str
    origin: str

    @property
    def programs(self) -> list[Program]:
        return [*self.server._programs]


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        netloc = f"127.0.0.1:{listening.getsockname()[1]}"
        admission = Admission("https" if tls else "http", netloc)
        server = PageServer(admission)
        runner = await server.listen(listening, tls)
        try:
            yield Served(server, runner, admission.address, admission.origin)
        finally:
            await runner.cleanup()


@asynccontextmanager
async def visitor(trusts: ssl.SSLContext | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a browser without a cookie yet."""
    connector = aiohttp.TCPConnector(ssl=trusts if trusts is not None else True)
    # Browsers keep cookies of addresses; aiohttp only if asked to.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        yield session


@asynccontextmanager
async def admitted(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a browser that has opened the address."""
    async with visitor() as session:
        assert (await session.get(served.address)).status == 200
        yield session


class Window:
    """What the page's script does: a websocket, and what came by it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.drawn = b""

    async def say(self, *message: Any) -> None:
        await self.socket.send_str(json.dumps(message))

    async def wait_for(self, wanted: bytes) -> None:
        """Read until ``wanted`` was drawn since the last wait."""
        async with asyncio.timeout(PATIENCE_S):
            while wanted not in self.drawn:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, (message, self.drawn)
                self.drawn += message.data
        self.drawn = self.drawn.partition(wanted)[2]

    async def wait_for_end(self) -> int | None:
        """Read until the server closes the websocket; return its code."""
        async with asyncio.timeout(PATIENCE_S):
            while not (await self.socket.receive()).type.name.startswith("CLOS"):
                pass
        return self.socket.close_code


@asynccontextmanager
async def window(
    session: aiohttp.ClientSession, served: Served, width: int = 80, height: int = 24
) -> AsyncIterator[Window]:
    address = f"{served.origin}/ws?width={width}&height={height}"
    headers = {"Origin": served.origin}
    async with session.ws_connect(address, headers=headers) as socket:
        yield Window(socket)


def host_of(address: str) -> str:
    return urlsplit(address).netloc
