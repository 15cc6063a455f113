"""Who may see the page, asked of the real server by a real client."""

import asyncio
import re
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp.http_exceptions import HttpProcessingError

from shammah_tui.core.wording import commands as words
from tests.commands.serve.served import Served, admitted, host_of, serving, visitor, window
from tests.loopback.certificates import MadeUpAuthority

ROUTES = ("/", "/ws", "/static/js/textual.js", "/static/", "/download/x", "/favicon.ico", "/none")


async def said(response: aiohttp.ClientResponse) -> tuple[int, str]:
    return response.status, (await response.text()).rstrip("\n")


async def test_the_token_is_exchanged_for_a_cookie_and_the_page_opens(served: Served) -> None:
    async with visitor() as session:
        first = await session.get(served.address)
        assert first.status == 200
        assert 'url=/"' in await first.text()
        (cookie,) = first.cookies.values()
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert not cookie["secure"] and not cookie["domain"] and not cookie["max-age"]
        assert cookie.key.endswith(host_of(served.origin).partition(":")[2])

        page = await session.get(f"{served.origin}/")
        text = await page.text()
        assert page.status == 200
        assert f'"ws://{host_of(served.origin)}/ws"' in text
        # Nothing is asked of anybody else, and no script runs that is not of this server.
        assert set(re.findall(r"\w+://[^/\"]+", text)) == {
            served.origin,
            f"ws://{host_of(served.origin)}",
        }
        policy = page.headers["Content-Security-Policy"]
        nonce = re.search(r'<script nonce="([^"]+)">', text)
        assert nonce is not None and f"'nonce-{nonce[1]}'" in policy
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        script = await session.get(f"{served.origin}/static/js/textual.js")
        assert script.status == 200
        token = served.address.partition("token=")[2]
        assert token not in text and cookie.value not in text
        for response in (first, page, script):
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert token not in str(response.headers)


async def test_the_token_works_once(served: Served) -> None:
    async with admitted(served) as first, visitor() as second:
        assert await said(await second.get(served.address)) == (403, words.TOKEN_USED)
        assert await said(await second.get(f"{served.origin}/")) == (403, words.NOT_ADMITTED)
        assert not [*second.cookie_jar]
        # With the cookie the printed address works again, as from a bookmark.
        assert (await first.get(served.address)).status == 200
        assert (await first.get(f"{served.origin}/")).status == 200


async def test_two_at_the_same_time_are_one_that_gets_in(served: Served) -> None:
    async with visitor() as one, visitor() as other:
        both = await asyncio.gather(one.get(served.address), other.get(served.address))
        assert sorted(each.status for each in both) == [200, 403]


@pytest.mark.parametrize("route", ROUTES)
async def test_without_the_cookie_every_route_is_refused(served: Served, route: str) -> None:
    async with visitor() as session:
        headers = {"Origin": served.origin}
        refused = await session.get(f"{served.origin}{route}", headers=headers)
        assert await said(refused) == (403, words.NOT_ADMITTED)
        assert refused.headers["Cache-Control"] == "no-store"
        # The token admits to the page alone.
        token = served.address.partition("?")[2]
        if route != "/":
            refused = await session.get(f"{served.origin}{route}?{token}", headers=headers)
            assert refused.status == 403
        assert (await session.get(served.address)).status == 200


async def test_what_is_no_visit_does_not_use_up_the_token(served: Served) -> None:
    async with visitor() as session:
        for method in ("HEAD", "POST", "OPTIONS", "PUT"):
            assert (await session.request(method, served.address)).status == 403
        for wrong in ("", "x", "\u00e4", served.address.partition("token=")[2][:-1]):
            refused = await session.get(f"{served.origin}/", params={"token": wrong})
            assert await said(refused) == (403, words.NOT_ADMITTED)
        assert (await session.get(served.address)).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1"])
async def test_another_name_for_this_server_is_refused(served: Served, host: str) -> None:
    """A page whose name was made to point here is, to its browser, of one origin with it."""
    headers = {"Host": host.format(port=host_of(served.origin).partition(":")[2])}
    async with visitor() as stranger:
        refused = await stranger.get(served.address, headers=headers)
        assert await said(refused) == (403, words.WRONG_HOST)
    async with admitted(served) as session:
        for route in ROUTES:
            refused = await session.get(f"{served.origin}{route}", headers=headers)
            assert await said(refused) == (403, words.WRONG_HOST)


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://{netloc}"])
async def test_a_websocket_is_opened_by_our_page_alone(served: Served, origin: str | None) -> None:
    """Browsers let every page open a websocket to anywhere."""
    netloc = host_of(served.origin)
    headers = {} if origin is None else {"Origin": origin.format(netloc=netloc)}
    async with admitted(served) as session:
        with pytest.raises((aiohttp.WSServerHandshakeError, HttpProcessingError)) as refused:
            await session.ws_connect(f"{served.origin}/ws", headers=headers)
        assert getattr(refused.value, "status", 0) == 403
        assert not served.programs
        async with window(session, served) as ours:
            await ours.wait_for(b"Ask anything")
        assert len(served.programs) == 1


async def test_a_websocket_needs_the_cookie(served: Served) -> None:
    async with visitor() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with window(session, served):
                pass
        assert refused.value.status == 403
        assert not served.programs


async def test_another_cookie_is_none(served: Served) -> None:
    async with admitted(served) as session:
        (ours,) = session.cookie_jar
        for value in ("", "x", ours.value[:-1], "\u00e4"):
            headers = {"Cookie": f"{ours.key}={value}"}
            async with visitor() as stranger:
                refused = await stranger.get(f"{served.origin}/", headers=headers)
                assert await said(refused) == (403, words.NOT_ADMITTED)


async def test_with_a_certificate_the_cookie_is_secure(tmp_path: Path) -> None:
    authority = MadeUpAuthority(tmp_path)
    trusts = ssl.create_default_context(cafile=authority.path)
    async with serving(authority.server_context()) as served, visitor(trusts) as session:
        assert served.address.startswith("https://")
        first = await session.get(served.address)
        (cookie,) = first.cookies.values()
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Strict"
        page = await session.get(f"{served.origin}/")
        assert f'"wss://{host_of(served.origin)}/ws"' in await page.text()
        async with window(session, served) as ours:
            await ours.wait_for(b"Ask anything")
