"""Whether a host could be reached."""

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """Why a host is of no use."""

    BAD_ADDRESS = "bad address"
    VARIABLE = "unusable variable"
    NO_NAME = "no such name"
    NO_ROUTE = "no route"
    REFUSED = "refused"
    SILENT = "no answer"
    UNTRUSTED = "untrusted certificate"
    NO_TLS = "no TLS"
    BROKEN = "broken connection"
    PROXY = "proxy"
    STRANGER = "something else answers"
    SERVER_ERROR = "server error"
    KEY_REFUSED = "key refused"


@dataclass(frozen=True, slots=True)
class Host:
    """A server that the program needs.

    Attributes:
        name: What it is called in sentences, such as ``the Hub``.
        address: Host and port, without a user or a password.
        setting: What names its address: a variable, or a key of the settings file.
        is_default: Whether the address is the public one, not one that the user set.
        proxy: Host and port of the proxy on the way; empty without one.
        proxy_variable: What names it.
    """

    name: str
    address: str
    setting: str
    is_default: bool
    proxy: str = ""
    proxy_variable: str = "HTTPS_PROXY (or HTTP_PROXY, ALL_PROXY)"


@dataclass(frozen=True, slots=True)
class HostResult:
    """How one attempt to reach a host went.

    Attributes:
        host: The host.
        trouble: What was wrong; None when the host answered as itself.
        elapsed_s: How long it took.
        detail: The other side's own short words, such as a status or why a certificate is bad.
        advice: What to do, where the trouble alone does not tell.
        models: The models that a server has, where that was asked.
    """

    host: Host
    trouble: Trouble | None
    elapsed_s: float
    detail: str = ""
    advice: str = ""
    models: tuple[str, ...] = ()
