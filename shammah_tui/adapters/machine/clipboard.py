"""The system's clipboard, through the tools that systems have for it."""

import asyncio
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

PATIENCE_S = 3.0
"""A tool that takes longer waits for a display that does not answer."""


@dataclass(frozen=True, slots=True)
class _Tool:
    """A program that takes text on its standard input; it needs the ``display`` that it names."""

    arguments: tuple[str, ...]
    display: str = ""
    encoding: str = "utf-8"


_TOOLS = (
    _Tool(("wl-copy", "--type", "text/plain"), "WAYLAND_DISPLAY"),
    _Tool(("xclip", "-selection", "clipboard"), "DISPLAY"),
    _Tool(("xsel", "--clipboard", "--input"), "DISPLAY"),
    _Tool(("pbcopy",)),
    # Windows, seen from WSL. It takes bytes without a mark for the console's code page.
    _Tool(("clip.exe",), encoding="utf-16"),
)
"""In the order in which they are tried: under Wayland, X's tools reach only X's programs."""


class SystemClipboard:
    """Copies with the first tool that is there and succeeds."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    async def copy(self, text: str) -> bool:
        for tool in _TOOLS:
            if tool.display and not self._environment.get(tool.display):
                continue
            program = shutil.which(tool.arguments[0], path=self._environment.get("PATH", ""))
            if program is not None and await self._took(program, tool, text):
                return True
        return False

    async def _took(self, program: str, tool: _Tool, text: str) -> bool:
        try:
            # A session of its own: xclip and wl-copy stay to serve the clipboard and outlive us.
            # They would hold a pipe for their output open as long.
            process = await asyncio.create_subprocess_exec(
                program,
                *tool.arguments[1:],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        except OSError:
            return False
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.communicate(text.encode(tool.encoding, "replace"))
        except (TimeoutError, OSError):
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            return False
        return process.returncode == 0
