"""How a host was reached, and what to do where it could not be: one row for each trouble."""

from shammah_tui.core.doctor.hosts import HostResult, Trouble


def host_sentence(reach: HostResult) -> str:
    """Return how it went, one line without a full stop."""
    host = reach.host
    way = f" through the proxy {host.proxy}" if host.proxy else ""
    detail = f" ({reach.detail})" if reach.detail else ""
    match reach.trouble:
        case None:
            return f"{host.address} answers in {round(reach.elapsed_s * 1000)} ms{way}{detail}"
        case Trouble.BAD_ADDRESS:
            return f"{host.setting} is not a valid address"
        case Trouble.VARIABLE:
            return f"{host.address} cannot be asked: {reach.detail}"
        case Trouble.NO_NAME:
            return f"the name of {host.address} cannot be looked up (DNS)"
        case Trouble.NO_ROUTE:
            return f"{host.address} cannot be reached: this machine seems to be offline"
        case Trouble.REFUSED:
            return f"{host.address} refuses the connection"
        case Trouble.SILENT:
            return f"{host.address} does not answer within {reach.elapsed_s:.0f} s{way}"
        case Trouble.UNTRUSTED:
            return f"the TLS certificate of {host.address} is not trusted{detail}"
        case Trouble.NO_TLS:
            return f"{host.address} does not use TLS correctly{detail}"
        case Trouble.BROKEN:
            return f"the connection to {host.address} was lost{way}{detail}"
        case Trouble.PROXY:
            return f"the proxy {host.proxy} cannot reach {host.address}{detail}"
        case Trouble.STRANGER:
            return f"something else answers instead of {host.name} at {host.address}{detail}"
        case Trouble.SERVER_ERROR:
            return f"{host.address} has an internal error{detail}"
        case Trouble.KEY_REFUSED:
            return f"{host.address} answers and refuses the key"


def host_advice(reach: HostResult) -> str:
    """Return what to do about it, one line; empty where it went well."""
    host = reach.host
    own = "" if host.is_default else f" and {host.setting}"
    match reach.trouble:
        case None:
            return ""
        case Trouble.BAD_ADDRESS:
            return f"correct {host.setting}: it must begin with http:// or https://"
        case Trouble.VARIABLE:
            return reach.advice or "correct that variable"
        case Trouble.NO_NAME:
            return f"check the network{own}; behind a proxy: export HTTPS_PROXY=http://HOST:PORT"
        case Trouble.NO_ROUTE:
            return "connect this machine to a network"
        case Trouble.REFUSED if not host.is_default:
            return f"start the server there, or correct {host.setting}"
        case Trouble.REFUSED | Trouble.SILENT:
            return f"check the network{own}; behind a proxy: export HTTPS_PROXY=http://HOST:PORT"
        case Trouble.UNTRUSTED:
            return (
                "check this machine's clock; where traffic is inspected: "
                "export SSL_CERT_FILE=/path/to/its-certificates.pem"
            )
        case Trouble.BROKEN:
            return "try again; if it stays so, a firewall or proxy is in the way"
        case Trouble.PROXY:
            return f"correct {host.proxy_variable}, or name the host in NO_PROXY"
        case Trouble.NO_TLS | Trouble.STRANGER:
            return f"sign in to this network in a browser, or correct {host.setting}"
        case Trouble.SERVER_ERROR:
            return "try again in a few minutes"
        case Trouble.KEY_REFUSED:
            return "copy the key again and set it"
