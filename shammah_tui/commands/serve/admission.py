"""Who may see the page: whoever opened the address that was printed, and nobody else.

A check stands in front of every route. It asks for the right ``Host``, against a foreign name that
was made to point here; for the ``Origin`` of the page where a websocket is opened, which browsers
let any page do; and for a cookie, which the first visit with the token gets and no other. A page
of another site sends no such cookie (``SameSite``), and no script reads it (``HttpOnly``). Browsers
send a cookie to every port of its host: what listens on another port of this machine, and is opened
in the same browser, can read it.
"""

import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from shammah_tui.core.wording import commands as words

TOKEN = "token"
WEBSOCKET_PATH = "/ws"

_ADMITTED = """\
<!DOCTYPE html>
<html lang="en">
<meta http-equiv="refresh" content="0; url=/">
<link rel="icon" href="data:,">
<title>Shammah</title>
</html>
"""
"""Goes on to the page, without the token in the address. A redirect would not do: when a link on
another site led here, a browser counts what follows as that site's and withholds the cookie."""


class Admission:
    """The token, the cookie that it is exchanged for, and the check.

    Args:
        scheme: http or https.
        netloc: Host and port, as a browser writes them.
    """

    def __init__(self, scheme: str, netloc: str) -> None:
        self._is_secure = scheme == "https"
        self._netloc = netloc
        self._origin = f"{scheme}://{netloc}"
        self._token = secrets.token_urlsafe(32)
        self._is_token_used = False
        # Cookies know no ports: another server on this host has its own.
        self._cookie_name = f"shammah-{netloc.rpartition(':')[2]}"
        self._cookie = secrets.token_urlsafe(32)
        self.nonce = secrets.token_urlsafe(16)
        """Of the page's own scripts."""
        websocket = f"{'wss' if self._is_secure else 'ws'}://{netloc}{WEBSOCKET_PATH}"
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self' 'nonce-{self.nonce}'; "
                "style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
                f"connect-src {websocket}; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"
            ),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    @property
    def address(self) -> str:
        """The address to open first."""
        return f"{self._origin}/?{TOKEN}={self._token}"

    @property
    def origin(self) -> str:
        return self._origin

    def guard(self, app: web.Application) -> None:
        """Check every request to ``app``, before its routes, and set headers on every response."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            refusal = self._refusal(request)
            if refusal:
                raise web.HTTPForbidden(text=f"{refusal}\n")
            if request.path == "/" and TOKEN in request.query:
                return self._admit()
            return await handler(request)

        async def set_headers(_: web.Request, response: web.StreamResponse) -> None:
            response.headers.update(self._headers)

        app.middlewares.append(check)
        app.on_response_prepare.append(set_headers)

    def _refusal(self, request: web.Request) -> str:
        """Return why a request is refused; empty where it is not."""
        if request.headers.getall("Host", []) != [self._netloc]:
            return words.WRONG_HOST
        origin = request.headers.get("Origin")
        # A browser names the origin of every websocket, and of few other requests here.
        if origin != self._origin and (origin is not None or request.path == WEBSOCKET_PATH):
            return words.WRONG_ORIGIN
        if _same(request.cookies.get(self._cookie_name, ""), self._cookie):
            return ""
        brings_token = request.method == "GET" and request.path == "/"
        if not (brings_token and _same(request.query.get(TOKEN, ""), self._token)):
            return words.NOT_ADMITTED
        if self._is_token_used:
            return words.TOKEN_USED
        self._is_token_used = True
        return ""

    def _admit(self) -> web.Response:
        response = web.Response(text=_ADMITTED, content_type="text/html")
        response.set_cookie(
            self._cookie_name,
            self._cookie,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Strict",
        )
        return response


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "replace"), other.encode())
