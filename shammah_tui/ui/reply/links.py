"""Links in a reply: which addresses may be opened, and opening them in the browser."""

import shutil
import subprocess
import sys
from urllib.parse import urlsplit

from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices

_WEB_SCHEMES = frozenset({"http", "https"})


def address_to_open(href: str) -> str | None:
    """Return ``href`` when it leads to the web or to a letter, else None.

    Everything else (files, other programs' schemes, relative paths) stays closed.
    """
    address = href.strip()
    if plain(address) != address or any(each.isspace() for each in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme in _WEB_SCHEMES:
        return address if parts.netloc else None
    return address if scheme == "mailto" and "@" in parts.path else None


def says_address(text: str, address: str) -> bool:
    """Return whether a link's text already shows where it leads."""
    shown = text.strip().rstrip("/").lower()
    bare = address.rstrip("/").lower()
    return bool(shown) and shown in {bare, bare.partition("://")[2], bare.removeprefix("mailto:")}


TIMEOUT_S = 20.0
"""Those commands start something and return; a browser that starts cold takes some seconds."""


class BrowserError(Exception):
    """An address could not be opened; the message is a sentence for the screen."""


def open_in_browser(address: str) -> None:
    """Have the desktop open ``address``; call it from a thread, since it waits for the desktop.

    Not by ``webbrowser``: that may start one in this terminal, or let one write into it.

    Raises:
        BrowserError: There is no desktop, or it refused.
    """
    name = "open" if sys.platform == "darwin" else "xdg-open"
    command = shutil.which(name)
    if command is None:
        raise BrowserError(notices.no_browser(name, address))
    try:
        # In a session of its own it has no terminal to draw on.
        status = subprocess.run(
            [command, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=TIMEOUT_S,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserError(notices.browser_not_started(address)) from error
    if status != 0:
        raise BrowserError(notices.browser_failed(address))
