"""What is said of a server in the local model's place, and of the way to any server."""

from collections.abc import Sequence
from dataclasses import dataclass

from shammah_tui.core.errors import VariableError
from shammah_tui.core.text.plain_text import plain, truncate

NOT_ANSWERED = "The server has not answered yet: wait"
_NAMES_SHOWN = 4
_NAME_CELLS = 40


@dataclass(frozen=True, slots=True)
class ServerWords:
    """What is said of one server.

    Attributes:
        host: Its machine's name.
        model: The model's name for people, with the host; empty before it is known.
        key_env: The variable that holds the key; empty when none is sent.
    """

    host: str
    model: str = ""
    key_env: str = ""

    def unreachable(self, error: Exception) -> str:
        if "SSL" in str(error) or "CERTIFICATE" in str(error):
            return (
                f"{self.host} cannot be reached over HTTPS: check its certificate, or write "
                "http:// in url under [endpoint]"
            )
        return (
            f"{self.host} cannot be reached: start the server there, or correct url under "
            "[endpoint]"
        )

    def behind_proxy(self, variable: str, address: str) -> str:
        return (
            f"{self.host} cannot be reached through the proxy {address}, which {variable} names: "
            "check that proxy, or name the host in NO_PROXY and start again"
        )

    @property
    def silent(self) -> str:
        return f"{self.host} does not answer: check the server there, then try again"

    @property
    def broken_off(self) -> str:
        return f"{self.host} interrupted the reply"

    @property
    def nothing(self) -> str:
        return f"{self.host} sent no reply: the log of the server there says why"

    @property
    def not_compatible(self) -> str:
        return (
            f"What answers at {self.host} is not an OpenAI-compatible server: correct url under "
            "[endpoint]"
        )

    @property
    def elsewhere(self) -> str:
        """It sends on to another address; the key is not carried there."""
        return f"{self.host} sends on to another address: give that one as url under [endpoint]"

    @property
    def key(self) -> str:
        if self.key_env:
            return f"{self.host} refused the key in {self.key_env}: correct it, then start again"
        return (
            f"{self.host} wants a key: name the variable that holds it with key_env under "
            "[endpoint]"
        )

    def fault(self, status: int, reason: str = "") -> str:
        why = reason or "the log of the server there says why"
        return f"{self.host} had an internal error ({status}): {why}"

    @property
    def no_model(self) -> str:
        return f"{self.host} serves no model: load one there, then try again"

    def several_models(self, names: Sequence[str]) -> str:
        models = f"{self.host} serves {len(names)} models"
        return f"{models}: set model under [endpoint] to one of {_listed(names)}"

    def other_models(self, wanted: str, names: Sequence[str]) -> str:
        wanted = truncate(plain(wanted), _NAME_CELLS)
        return f"{self.host} serves no {wanted}: set model under [endpoint] to {_listed(names)}"

    def refused(self, reason: str) -> str:
        return f"{self.host} refused the request: {reason}"

    @property
    def too_many(self) -> str:
        return f"{self.host} has too many requests: try again in a minute"

    @property
    def busy(self) -> str:
        return f"{self.host} is too busy: try again in a minute"

    @property
    def loading(self) -> str:
        return f"{self.host} is still loading its model: try again in a minute"

    def gone(self, reason: str) -> str:
        return f"{self.model} is no longer served: {reason}"

    @property
    def too_long(self) -> tuple[str, str]:
        """Return a fact, and an advice."""
        return f"the conversation is too long for {self.model}", "start a new one"

    def inside(self, kind: str) -> str:
        return f"Asking {self.host} failed ({kind}): see the log"

    @property
    def no_key(self) -> str:
        return f"{self.key_env}, which key_env names, is not set: set it, then start again"

    def bad_key(self, slip: str) -> str:
        return f"{self.key_env} has {slip}: copy it again, then start again"


def _listed(names: Sequence[str]) -> str:
    shown = [truncate(plain(name), _NAME_CELLS) for name in names[:_NAMES_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


# The variables for proxies and certificates

SYSTEM_PROXY = "the system's proxy setting"


def unusable_proxy(variable: str, scheme: str) -> VariableError:
    """``scheme`` is empty for what is no address at all."""
    fact = f"{variable} is not the address of a proxy"
    if scheme:
        fact = f"{variable} names a proxy of a kind that cannot be used ({scheme}://)"
    advice = f"write {variable} as http://HOST:PORT or socks5://HOST:PORT"
    return VariableError(variable, fact, advice)


def unusable_certificates(variable: str) -> VariableError:
    """``variable`` is empty where the machine's own cannot be read."""
    if not variable:
        fact = "the certificates of this machine cannot be read"
        return VariableError("SSL_CERT_FILE", fact, "name a file of them with SSL_CERT_FILE")
    fact = f"the certificates that {variable} names cannot be read"
    return VariableError(variable, fact, f"correct {variable}, or unset it")


def unusable_key_log(variable: str) -> VariableError:
    fact = f"the file that {variable} names cannot be written"
    return VariableError(variable, fact, f"correct {variable}, or unset it")
