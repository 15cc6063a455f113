"""HTTP clients with the proxies and certificates that the environment names.

httpx2's own clients cannot be made at all where one of these variables is wrong, not even for a
host that needs neither. Here every client can be made, and a wrong variable fails the requests that
would need it, with an error that names it.
"""

import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shammah_tui.core.errors import VariableError
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.wording.server import (
    SYSTEM_PROXY,
    unusable_certificates,
    unusable_key_log,
    unusable_proxy,
)

if TYPE_CHECKING:
    import httpx2

_SCHEMES = ("http", "https", "socks5", "socks5h")
_SCHEME_WIDTH = 20
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class WebAccess:
    """The way to any server, as the environment describes it now.

    Reads the certificates of all authorities, 25 ms, and imports httpx2, 0.1 s: not for the loop.

    Args:
        uses_proxies: Whether the variables for proxies count; certificates always do.
    """

    def __init__(self, *, uses_proxies: bool = True) -> None:
        import httpx2
        from httpx2._utils import URLPattern, get_environment_proxies

        self._no_certificates: VariableError | None = None
        try:
            self._context = httpx2.create_ssl_context()
        except (OSError, ValueError) as error:
            # Errors of the encryption library are of the first kind, too. Without any authority
            # nobody is trusted; what does not need one works.
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._no_certificates = _certificates_error(error)
        self._proxies: dict[str, httpx2.Proxy | None] = {}
        self._wrong: dict[str, VariableError] = {}
        for pattern, url in (get_environment_proxies() if uses_proxies else {}).items():
            if url is not None and url.strip() == "http://":
                continue  # What httpx2 makes of nothing but blanks: no proxy.
            try:
                self._proxies[pattern] = None if url is None else self._proxy(url)
            except (ValueError, httpx2.InvalidURL):
                self._proxies[pattern] = None
                self._wrong[pattern] = _proxy_error(pattern, url or "")
        self._patterns = sorted(map(URLPattern, self._proxies))

    def check(self, url: "str | httpx2.URL") -> None:
        """Return when nothing in the environment keeps a request for ``url`` from being sent.

        Raises:
            VariableError: A variable that it needs cannot be used.
            httpx2.InvalidURL: ``url`` is no address.
        """
        import httpx2

        target = httpx2.URL(url)
        pattern = self._pattern(target)
        if pattern in self._wrong:
            raise self._wrong[pattern]
        proxy = self._proxies.get(pattern)
        if self._no_certificates is not None and (
            target.scheme == "https" or (proxy is not None and proxy.url.scheme == "https")
        ):
            raise self._no_certificates

    def proxy_for(self, url: "str | httpx2.URL") -> tuple[str, str]:
        """Return the variable that names a proxy for ``url``, and its host and port; or nothing."""
        import httpx2

        try:
            pattern = self._pattern(httpx2.URL(url))
        except httpx2.InvalidURL:
            return "", ""
        proxy = self._proxies.get(pattern)
        if proxy is None:
            return "", ""
        return _variable(pattern), plain(proxy.url.netloc.decode("ascii", "replace"))

    def client(self, **options: Any) -> "httpx2.Client":
        """Return a client for threads; ``options`` are those of ``httpx2.Client``."""
        import httpx2

        def check(request: httpx2.Request) -> None:
            self.check(request.url)

        mounts = {
            pattern: None
            if proxy is None
            else httpx2.HTTPTransport(proxy=proxy, **self._transport_options(options))
            for pattern, proxy in self._proxies.items()
        }
        return httpx2.Client(
            **options,
            verify=self._context,
            trust_env=False,
            mounts=mounts,
            event_hooks={"request": [check]},
        )

    def async_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``options`` of an ``httpx2.AsyncClient`` with those that lead it the right way."""
        import httpx2

        async def check(request: httpx2.Request) -> None:
            self.check(request.url)

        mounts = {
            pattern: None
            if proxy is None
            else httpx2.AsyncHTTPTransport(proxy=proxy, **self._transport_options(options))
            for pattern, proxy in self._proxies.items()
        }
        hooks = {"request": [check], **options.get("event_hooks", {})}
        given = {"verify": self._context, "trust_env": False, "mounts": mounts}
        return {**options, **given, "event_hooks": hooks}

    def _transport_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        limits = {"limits": options["limits"]} if "limits" in options else {}
        return {"verify": self._context, "trust_env": False, **limits}

    def _pattern(self, url: "httpx2.URL") -> str:
        return next((each.pattern for each in self._patterns if each.matches(url)), "")

    def _proxy(self, url: str) -> "httpx2.Proxy":
        import httpx2

        url = url.strip().strip("\"'")
        if url.startswith("socks://"):
            # As desktops set it; it has always meant the fifth version.
            url = f"socks5{url.removeprefix('socks')}"
        proxy = httpx2.Proxy(url, ssl_context=self._context if url[:6] == "https:" else None)
        host, port = proxy.url.host, proxy.url.port
        if not host or "%" in proxy.url.raw_host.decode() or not 0 < (port or 1) < 1 << 16:
            raise ValueError("no host, or no port")
        return proxy


def _variable(pattern: str) -> str:
    """Return which variable names the proxies of a pattern such as ``https://``."""
    wanted = f"{pattern.partition(':')[0]}_proxy"
    # As urllib has it: where both are set, the one in small letters counts.
    named = (each for each in (wanted, wanted.upper(), *os.environ) if os.environ.get(each))
    return next((each for each in named if each.lower() == wanted), SYSTEM_PROXY)


def _proxy_error(pattern: str, url: str) -> VariableError:
    variable = _variable(pattern)
    scheme = url.strip().strip("\"'").partition("://")[0]
    is_other = scheme not in _SCHEMES and "://" in url
    return unusable_proxy(variable, truncate(plain(scheme), _SCHEME_WIDTH) if is_other else "")


def _certificates_error(error: Exception) -> VariableError:
    names = [name for name in _CERTIFICATES if os.environ.get(name)]
    log = os.environ.get("SSLKEYLOGFILE", "")
    if log and isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        # Python opens it with each context, and fails where it cannot.
        try:
            os.close(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
        except OSError:
            return unusable_key_log("SSLKEYLOGFILE")
    return unusable_certificates(names[0] if names else "")
