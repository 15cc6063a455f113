"""The user's own browser, for addresses in replies."""

import shutil
import subprocess
import sys

TIMEOUT_S = 20.0
"""Those commands start something and return; a browser that starts cold takes some seconds."""


class BrowserError(Exception):
    """An address could not be opened; the message is a sentence for the screen."""


def open_in_browser(address: str) -> None:
    """Have the desktop open ``address``; call it from a thread, since it waits for the desktop.

    Not by ``webbrowser``: that may start one in this terminal, or let one write into it.

    Args:
        address: What ``core.links.address_to_open`` let pass.

    Raises:
        BrowserError: There is no desktop, or it refused.
    """
    name = "open" if sys.platform == "darwin" else "xdg-open"
    command = shutil.which(name)
    if command is None:
        raise BrowserError(f"There is no browser here ({name} is missing): {address}")
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
        raise BrowserError(f"The browser does not start: {address}") from error
    if status != 0:
        raise BrowserError(f"No browser could be opened; the address is {address}")
