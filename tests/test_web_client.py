"""Clients for a host behind every kind of environment that people have."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from shammah_tui.core.errors import VariableError
from shammah_tui.web_client import WebAccess
from tests.loopback.chat_completions import LoopbackCompletions
from tests.loopback.socks import LoopbackSocks

FAR = "https://far.example/"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


def refused(url: str) -> VariableError:
    with pytest.raises(VariableError) as found:
        WebAccess().check(url)
    assert "secret" not in str(found.value)
    return found.value


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        "socks4://127.0.0.1:9",
        "htp://user:secret@host:1",
        "127.0.0.1:abc",
        "http://user:secret@",
        "http://:80",
        "http://host:70000",
        "http://two words:1",
        "http://[",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert str(refused(FAR)).startswith(name)


@pytest.mark.parametrize("value", ["htp://x", "socks4://127.0.0.1:9", "127.0.0.1:abc"])
@pytest.mark.parametrize("covered", ["127.0.0.1", "localhost, 127.0.0.1", "127.0.0.0/8", "*"])
def test_a_host_that_needs_no_proxy_is_asked_whatever_the_proxy_is(
    server: LoopbackCompletions, monkeypatch: pytest.MonkeyPatch, value: str, covered: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    monkeypatch.setenv("NO_PROXY", covered)
    with WebAccess().client() as client:
        assert client.get(f"{server.url}/v1/models").status_code == 200


def test_a_port_and_a_domain_need_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example,far.example:81")
    access = WebAccess()
    assert access.proxy_for("http://far.example/a") == ("ALL_PROXY", "proxy.example:3128")
    for url in ("http://far.example:81/a", "http://near.example/", "http://a.near.example/"):
        assert access.proxy_for(url) == ("", "")


@pytest.mark.parametrize("scheme", ["socks", "socks5", "socks5h"])
async def test_socks_leads_there(
    server: LoopbackCompletions, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    host, port = httpx2.URL(server.url).host, httpx2.URL(server.url).port
    assert port is not None
    with LoopbackSocks((host, port)) as socks:
        monkeypatch.setenv("ALL_PROXY", f'"{scheme}://{socks.address}/"')
        access = WebAccess()
        with access.client() as client:
            assert client.get("http://far.example/v1/models").status_code == 200
        async with httpx2.AsyncClient(**access.async_options({})) as each:
            assert (await each.get("http://far.example/v1/models")).status_code == 200
        assert socks.asked == [("far.example", 80)] * 2


@pytest.mark.parametrize("content", [None, "folder", b"", b"no certificate", "unreadable"])
def test_certificates_that_cannot_be_read_are_named(
    server: LoopbackCompletions,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: str | bytes | None,
) -> None:
    path = tmp_path / "some.pem"
    if content == "folder":
        path.mkdir()
    elif content == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        path.write_bytes(b"x")
        path.chmod(stat.S_IWUSR)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    said = str(refused(FAR))
    assert said.startswith("The certificates that SSL_CERT_FILE names cannot be read")
    # What does not need them works, and a redirect to what does is told likewise.
    with WebAccess().client() as client:
        assert client.get(f"{server.url}/v1/models").status_code == 200
        with pytest.raises(VariableError):
            client.get(FAR)


def test_a_log_of_keys_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/nonexistent/keys")
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    assert "SSLKEYLOGFILE" in str(refused(FAR))


def test_a_folder_of_certificates_that_is_not_there_harms_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/nonexistent")
    WebAccess().check(FAR)
