"""What is said of the environment's variables for proxies and certificates."""

from shammah_tui.core.errors import VariableError

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
