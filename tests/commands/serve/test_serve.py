"""``shammah serve``: what it refuses, in a sentence, before it serves anything."""

import argparse
import io
import socket
import sys
from pathlib import Path

import pytest
import trustme

from shammah_tui.commands.arguments import program_parser
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.serve.serve import PACKAGE, _netloc, run_serve
from shammah_tui.core.wording import commands as words

ROOT = Path(__file__).parents[3]


def refused(*arguments: str) -> tuple[ExitStatus, str]:
    options = program_parser().parse_args(["serve", *arguments])
    assert isinstance(options, argparse.Namespace)
    output, errors = io.StringIO(), io.StringIO()
    status = run_serve(options, Console(output, errors, io.StringIO()))
    assert not output.getvalue()
    said = errors.getvalue()
    assert said.count("\n") == 1
    return status, said.removeprefix("shammah: ").rstrip("\n")


@pytest.fixture
def pem(tmp_path: Path) -> tuple[str, str]:
    """A certificate for 192.0.2.1, an address that nobody has, and its key."""
    issued = trustme.CA().issue_cert("192.0.2.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    return str(cert), str(key)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1", "localhost.", "1"])
def test_an_address_that_others_reach_needs_a_certificate(host: str) -> None:
    assert refused("--host", host) == (ExitStatus.USAGE, words.needs_tls(host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_all_addresses_are_none(host: str, pem: tuple[str, str]) -> None:
    expected = (ExitStatus.USAGE, words.every_address(host))
    assert refused("--host", host) == expected
    assert refused("--host", host, "--cert", pem[0], "--key", pem[1]) == expected


@pytest.mark.parametrize("half", ["--cert", "--key"])
def test_a_certificate_needs_its_key(half: str, pem: tuple[str, str]) -> None:
    assert refused(half, pem[0]) == (ExitStatus.USAGE, words.HALF_TLS)


def test_what_is_no_certificate_is_named(pem: tuple[str, str], tmp_path: Path) -> None:
    cert, key = pem
    missing = str(tmp_path / "none.pem")
    status, said = refused("--cert", missing, "--key", key)
    assert status == ExitStatus.FAILED and missing in said and "No such file" in said
    status, said = refused("--cert", key, "--key", cert)
    assert status == ExitStatus.FAILED and "are no certificate and its key" in said


def test_an_address_of_another_machine_is_named(pem: tuple[str, str]) -> None:
    status, said = refused("--host", "192.0.2.1", "--cert", pem[0], "--key", pem[1])
    assert status == ExitStatus.FAILED and said.startswith("cannot listen on 192.0.2.1")


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        status, said = refused("--port", str(port))
        assert status == ExitStatus.FAILED
        assert said.startswith(f"cannot listen on 127.0.0.1, port {port}: ")
        assert said.endswith("--port takes another one")


@pytest.mark.parametrize("port", ["x", "-1", "65536"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(SystemExit) as ended:
        program_parser().parse_args(["serve", f"--port={port}"])
    assert ended.value.code == 2


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert refused() == (ExitStatus.FAILED, words.needs_package(sys.executable, PACKAGE))
    assert f'serve = ["{PACKAGE}"]' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("scheme", "host", "port", "netloc"),
    [
        ("http", "127.0.0.1", 8000, "127.0.0.1:8000"),
        ("http", "127.0.0.1", 80, "127.0.0.1"),
        ("https", "127.0.0.1", 80, "127.0.0.1:80"),
        ("https", "Box.Example", 443, "box.example"),
        ("http", "::1", 8000, "[::1]:8000"),
        ("http", "0:0::1", 80, "[::1]"),
    ],
)
def test_the_address_is_as_a_browser_writes_it(
    scheme: str, host: str, port: int, netloc: str
) -> None:
    assert _netloc(scheme, host, port) == netloc
