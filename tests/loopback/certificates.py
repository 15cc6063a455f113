"""Certificates of an authority that was made up for one test."""

import ssl
from pathlib import Path

import trustme


class MadeUpAuthority:
    """Vouches for the loopback servers.

    Args:
        folder: Where its own certificate is written.
        name: Tells it from others.
    """

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._authority = trustme.CA()
        self.path = folder / f"{name}.pem"
        """For ``SSL_CERT_FILE``."""
        self._authority.cert_pem.write_to_path(self.path)

    def server_context(self, *names: str) -> ssl.SSLContext:
        """Return what a server on ``names`` encrypts with; without any, on loopback."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
        return context
