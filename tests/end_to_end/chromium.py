"""Headless Chromium, driven by the DevTools protocol, and the terminal on a page of it."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 60.0

_KEEP_TERMINAL = """
// textual-serve's page keeps its terminal to itself: it is caught as it is made.
Object.defineProperty(Object.prototype, "websocket_url", {
  configurable: true,
  set(url) {
    Object.defineProperty(this, "websocket_url", { value: url, writable: true });
    window.session = this;
  },
});
"""
_READ_TERMINAL = """
(() => {
  if (!window.session || !window.session.terminal) return null;
  const buffer = window.session.terminal.buffer.active;
  const lines = [];
  const { cols, rows } = window.session.terminal;
  for (let row = 0; row < rows; row++)
    // A line keeps what stood beyond the last column before the terminal became narrower.
    lines.push(buffer.getLine(buffer.viewportY + row).translateToString(true, 0, cols));
  return lines.join("\\n");
})()
"""


def chromium() -> str:
    """Return the browser; without one, skip the test and say so."""
    for name in NAMES:
        if (path := shutil.which(name)) is not None:
            return path
    pytest.skip("no Chromium is installed here (.ci/run installs it)")


class Page:
    """A page of the browser.

    Attributes:
        requested: Every address that it asked for, pages and their parts and websockets.
        said: What it wrote to its console, errors among it.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.requested: list[str] = []
        self.said: list[str] = []

    async def listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
                continue
            match told["method"]:
                case "Network.requestWillBeSent":
                    self.requested.append(told["params"]["request"]["url"])
                case "Network.webSocketCreated":
                    self.requested.append(told["params"]["url"])
                case "Log.entryAdded":
                    self.said.append(told["params"]["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.said.append(json.dumps(told["params"]["exceptionDetails"]))

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        told = await asyncio.wait_for(answer, PATIENCE_S)
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def begin(self) -> None:
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=_KEEP_TERMINAL)

    async def open(self, address: str) -> None:
        await self.call("Page.navigate", url=address)

    async def evaluate(self, script: str) -> Any:
        told = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def screen(self) -> str:
        """Return what the page's terminal shows; empty without one."""
        return await self.evaluate(_READ_TERMINAL) or ""

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def columns(self) -> int:
        return int(await self.evaluate("window.session.terminal.cols"))

    async def press(self, key: str, code: int, text: str = "", modifiers: int = 0) -> None:
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
                **typed,
            )

    async def press_enter(self) -> None:
        await self.press("Enter", 13, "\r")

    async def resize(self, width: int, height: int) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def wait_for_text(self, wanted: str) -> None:
        """Wait until the page itself says ``wanted``, outside its terminal."""
        async with asyncio.timeout(PATIENCE_S):
            while wanted not in (await self.evaluate("document.body?.innerText") or ""):
                await asyncio.sleep(0.05)

    async def wait_for(self, wanted: str | Callable[[str], object]) -> str:
        """Wait until the terminal shows ``wanted``; return the screen."""
        until_s = time.monotonic() + PATIENCE_S
        while True:
            # Between two pages there is none to ask.
            screen = await self.screen()
            if wanted in screen if isinstance(wanted, str) else wanted(screen):
                return screen
            if time.monotonic() > until_s:
                raise AssertionError(f"{wanted} is not on the screen:\n{screen}\n{self.said}")
            await asyncio.sleep(0.05)


class Chromium:
    """A running browser, with a profile of its own."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._session = session

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """Open an empty page, which is closed in the end."""
        async with self._session.put(f"{self._address}/json/new?about:blank") as told:
            target = await told.json()
        async with self._session.ws_connect(
            target["webSocketDebuggerUrl"], max_msg_size=0
        ) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            try:
                await page.begin()
                yield page
                await self._session.get(f"{self._address}/json/close/{target['id']}")
            finally:
                listening.cancel()


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Chromium]:
    """Start Chromium with its files in ``folder``."""
    # Not this user's configuration: snap and Debian read flags from there.
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [
            chromium(),
            "--headless=new",
            # The tests' container has no user namespaces to make one of.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            # Nothing of the browser's own asks the network.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder / 'profile'}",
            "about:blank",
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        told = folder / "profile" / "DevToolsActivePort"
        until_s = time.monotonic() + PATIENCE_S
        while not (told.exists() and told.read_text().count("\n")):
            assert process.poll() is None and time.monotonic() < until_s
            await asyncio.sleep(0.05)
        port = int(told.read_text().splitlines()[0])
        async with aiohttp.ClientSession() as session:
            yield Chromium(port, session)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
