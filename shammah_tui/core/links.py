"""Which addresses in a reply may be opened; a reply comes from a model, so few may."""

from urllib.parse import urlsplit

from shammah_tui.core.plain_text import plain

_WEB_SCHEMES = frozenset({"http", "https"})


def address_to_open(href: str) -> str | None:
    """Return ``href`` when it leads to the web or to a letter, else None.

    Everything else (files, other programs' schemes, relative paths) stays closed.
    """
    address = href.strip()
    if plain(address) != address or any(each.isspace() for each in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme in _WEB_SCHEMES:
        return address if parts.netloc else None
    return address if scheme == "mailto" and "@" in parts.path else None


def says_address(text: str, address: str) -> bool:
    """Return whether a link's text already shows where it leads."""
    shown = text.strip().rstrip("/").lower()
    bare = address.rstrip("/").lower()
    return bool(shown) and shown in {bare, bare.partition("://")[2], bare.removeprefix("mailto:")}
