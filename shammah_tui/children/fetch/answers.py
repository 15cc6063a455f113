"""Turns answers and errors of the HTTP library into faults of the transfer."""

import email.utils
import re
import ssl
import time
from urllib.parse import urlsplit

import httpx2

from shammah_tui.children.fetch.faults import LastingError, PassingError
from shammah_tui.children.fetch.token import Token
from shammah_tui.core.errors import VariableError
from shammah_tui.core.protocol.fetch_messages import FetchProblem

_BUSY = frozenset({408, 425, 429})
_PORTAL = 511  # RFC 6585: Network Authentication Required


def captive_portal(host: str, leads_to: str = "") -> LastingError:
    """Return the refusal for an answer that is not the Hub's, and leads to a host or nowhere."""
    leads = f" and leads to {leads_to}" if leads_to else ""
    return LastingError(
        FetchProblem.CAPTIVE_PORTAL,
        f"Something else answers instead of {host}{leads}: sign in to this network in a browser, "
        "or check HF_ENDPOINT, then try again.",
        retryable=True,
    )


def check_hub_status(
    response: httpx2.Response, *, repo: str, file: str | None, revision: str, refused: Token
) -> None:
    """Return when the Hub's answer is a success or a redirect.

    ``refused`` is the token that the Hub refused, or that could not be sent.

    Raises:
        PassingError: The Hub is busy or broken for the moment.
        LastingError: It will not give this, whether asked again or not.
    """
    status = response.status_code
    if status < 400:
        return
    check_busy(response, "the Hub")
    host = urlsplit(str(response.request.url)).hostname or "the Hub"
    code = response.headers.get("X-Error-Code")
    if refused.source and (status in (401, 403) or code in ("GatedRepo", "RepoNotFound")):
        what = "holds no token that can be sent" if refused.is_unusable else "is refused by the Hub"
        raise LastingError(
            FetchProblem.BAD_TOKEN,
            f"{repo} needs a token, and yours ({refused.source}) {what}: set HF_TOKEN to a valid "
            "one, or run “hf auth login”.",
            retryable=True,
        )
    match code:
        case "GatedRepo":
            raise LastingError(
                FetchProblem.GATED,
                f"{repo} asks you to accept its terms: accept them at https://{host}/{repo} in a "
                "browser, then set HF_TOKEN to a token of that account.",
            )
        case "RepoNotFound":
            raise LastingError(
                FetchProblem.NOT_FOUND,
                f"There is no repository {repo} on the Hub: check the name, or set HF_TOKEN if it "
                "is a private one.",
            )
        case "EntryNotFound":
            raise LastingError(
                FetchProblem.NOT_FOUND, f"{repo} has no file {file}: choose one that it has."
            )
        case "RevisionNotFound":
            raise LastingError(
                FetchProblem.NOT_FOUND, f"{repo} has no revision {revision}: check its name."
            )
    if status in (401, 403):
        raise LastingError(
            FetchProblem.GATED,
            f"The Hub does not let you read {repo}: set HF_TOKEN to a token that may.",
        )
    if status == 404:
        raise captive_portal(host)
    raise LastingError(
        FetchProblem.INVALID, f"The Hub refuses the request for {repo} with status {status}."
    )


def check_busy(response: httpx2.Response, server: str) -> None:
    """Return when the answer is none of those that time heals.

    Raises:
        PassingError: It is one.
        LastingError: A network wants a person to sign in.
    """
    status = response.status_code
    if status == _PORTAL:
        raise captive_portal(urlsplit(str(response.request.url)).hostname or server)
    if status == 429:
        raise PassingError(f"{server} to allow more requests", retry_after_s=_retry_after(response))
    if status in _BUSY or status >= 500:
        raise PassingError(f"{server}, which is busy", retry_after_s=_retry_after(response))


def fault_of(error: Exception) -> PassingError | LastingError:
    """Return what an error of the HTTP library means."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return LastingError(
                FetchProblem.CAPTIVE_PORTAL,
                "The server's certificate is not trusted: sign in to this network in a browser, "
                "or set SSL_CERT_FILE to your organisation's certificates.",
                retryable=True,
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ProxyError):
        return PassingError("the proxy", unreachable=True)
    if isinstance(error, VariableError):
        return LastingError(FetchProblem.INVALID, f"{error}.")
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return LastingError(
            FetchProblem.INVALID, "The Hub's address cannot be used: check HF_ENDPOINT."
        )
    unreachable = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
    return PassingError("the network", unreachable=unreachable)


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    if value:
        try:
            when = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, when.timestamp() - time.time())
    # The Hub's own form, from the IETF draft on rate limit headers: "api";r=0;t=55
    match = re.search(r";r=0;t=(\d+)", response.headers.get("RateLimit", ""))
    return float(match[1]) if match else None
