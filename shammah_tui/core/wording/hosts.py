"""How a host was reached, and what to do where it could not be: one row for each trouble."""

from shammah_tui.core.doctor.hosts import HostResult, Trouble

_CERTIFICATES = (
    "check this machine's clock; where traffic is inspected: "
    "export SSL_CERT_FILE=/path/to/its-certificates.pem"
)


def host_sentence(result: HostResult) -> str:
    """Return how it went, one line without a full stop."""
    return _words(result)[0]


def host_advice(result: HostResult) -> str:
    """Return what to do about it, one line; empty where it went well."""
    return _words(result)[1]


def _words(result: HostResult) -> tuple[str, str]:
    host, address = result.host, result.host.address
    way = f" through the proxy {host.proxy}" if host.proxy else ""
    detail = f" ({result.detail})" if result.detail else ""
    own = "" if host.is_default else f" and {host.setting}"
    network = f"check the network{own}; behind a proxy: export HTTPS_PROXY=http://HOST:PORT"
    sign_in = f"sign in to this network in a browser, or correct {host.setting}"
    match result.trouble:
        case None:
            return f"{address} answers in {round(result.elapsed_s * 1000)} ms{way}{detail}", ""
        case Trouble.BAD_ADDRESS:
            advice = f"correct {host.setting}: it must begin with http:// or https://"
            return f"{host.setting} is not a valid address", advice
        case Trouble.VARIABLE:
            advice = result.advice or "correct that variable"
            return f"{address} cannot be asked: {result.detail}", advice
        case Trouble.NO_NAME:
            return f"the name of {address} cannot be looked up (DNS)", network
        case Trouble.NO_ROUTE:
            advice = "connect this machine to a network"
            return f"{address} cannot be reached: this machine seems to be offline", advice
        case Trouble.REFUSED:
            advice = f"start the server there, or correct {host.setting}"
            return f"{address} refuses the connection", network if host.is_default else advice
        case Trouble.SILENT:
            return f"{address} does not answer within {result.elapsed_s:.0f} s{way}", network
        case Trouble.UNTRUSTED:
            return (
                f"the TLS certificate of {address} is not trusted{detail}",
                _CERTIFICATES,
            )
        case Trouble.NO_TLS:
            return f"{address} does not use TLS correctly{detail}", sign_in
        case Trouble.BROKEN:
            advice = "try again; if it stays so, a firewall or proxy is in the way"
            return f"the connection to {address} was lost{way}{detail}", advice
        case Trouble.PROXY:
            advice = f"correct {host.proxy_variable}, or name the host in NO_PROXY"
            return f"the proxy {host.proxy} cannot reach {address}{detail}", advice
        case Trouble.STRANGER:
            return f"something else answers instead of {host.name} at {address}{detail}", sign_in
        case Trouble.SERVER_ERROR:
            return f"{address} has an internal error{detail}", "try again in a few minutes"
        case Trouble.KEY_REFUSED:
            return f"{address} answers and refuses the key", "copy the key again and set it"
