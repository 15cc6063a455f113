"""``shammah serve``: the address to serve on, and how long it is served."""

import argparse
import asyncio
import ipaddress
import signal
import socket
import ssl
import sys
import webbrowser
from importlib.util import find_spec
from typing import TYPE_CHECKING

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.wording import commands as words

if TYPE_CHECKING:
    from shammah_tui.commands.serve.admission import Admission

PACKAGE = "textual-serve==1.1.3"
"""As in the extra ``serve``."""
_LOOPBACK = "127.0.0.1"
_USUAL_PORTS = {"http": 80, "https": 443}


class _UnusableError(Exception):
    """What the command line names cannot be used; the message is a sentence."""

    def __init__(self, sentence: str, status: ExitStatus = ExitStatus.FAILED) -> None:
        super().__init__(sentence)
        self.status = status


def run_serve(options: argparse.Namespace, console: Console) -> ExitStatus:
    """Serve the chat until a signal comes."""
    if find_spec("textual_serve") is None:
        console.complain(words.needs_package(sys.executable, PACKAGE))
        return ExitStatus.FAILED
    try:
        # Not by its name: a machine has more than one address of that name, and others may listen
        # on the one that a browser tries first.
        host = _LOOPBACK if options.host.lower() == "localhost" else options.host
        tls = _tls(host, options.cert, options.key)
        listening = _listen(host, options.port)
    except _UnusableError as error:
        console.complain(str(error))
        return error.status

    # Its imports take a second.
    from shammah_tui.commands.serve.admission import Admission

    with listening:
        scheme = "https" if tls else "http"
        admission = Admission(scheme, _netloc(scheme, host, listening.getsockname()[1]))
        asyncio.run(_serve(admission, listening, tls, console, opens=options.opens))
    return ExitStatus.DONE


async def _serve(
    admission: "Admission",
    listening: socket.socket,
    tls: ssl.SSLContext | None,
    console: Console,
    *,
    opens: bool,
) -> None:
    from shammah_tui.commands.serve.page_server import PageServer

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    runner = await PageServer(admission).listen(listening, tls)
    try:
        console.tell(words.served_at(admission.address))
        if opens and not await asyncio.to_thread(webbrowser.open, admission.address):
            console.complain(words.NO_BROWSER)
        await stop.wait()
    finally:
        await runner.cleanup()
    console.tell(words.STOPPED)


def _tls(host: str, cert: str, key: str) -> ssl.SSLContext | None:
    if bool(cert) != bool(key):
        raise _UnusableError(words.HALF_TLS, ExitStatus.USAGE)
    address = _address(host)
    if address is not None and address.is_unspecified:
        raise _UnusableError(words.every_address(host), ExitStatus.USAGE)
    if not cert:
        if address is None or not address.is_loopback:
            raise _UnusableError(words.needs_tls(host), ExitStatus.USAGE)
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password of its own, OpenSSL would ask the terminal.
        context.load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _UnusableError(words.unusable_certificate(cert, key, reason)) from error
    return context


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that ``host`` is; None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _UnusableError(words.unknown_host(host, reason)) from error
    family, *_, where = found[0]
    try:
        return socket.create_server(where[:2], family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _UnusableError(words.cannot_listen(host, port, reason)) from error


def _netloc(scheme: str, host: str, port: int) -> str:
    """Return host and port as a browser writes them."""
    address = _address(host)
    name = f"[{address}]" if address is not None and address.version == 6 else host.lower()
    return name if port == _USUAL_PORTS[scheme] else f"{name}:{port}"
