"""Keys and tokens, found by their shape and taken out of what is shown or logged."""

import re
from collections.abc import Iterable, Mapping

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""Shorter values (``1``, ``auto``) are no secrets, and hiding them would garble the text."""

_SHAPES = (
    r"\bsk-[A-Za-z0-9_-]{8,}"  # the API's keys, and those of others that do as OpenAI does
    r"|\bhf_[A-Za-z0-9]{8,}"  # the Hub's tokens, which may come from a file
    r"|(?<=Bearer )[^\s'\",]+"
    r"|(?<=://)[^/?#\s]+(?=@)"  # a proxy's user and password
)
_KEY = r"sk-ant-[A-Za-z0-9_-]{8,}"
_SECRET_NAME = r"(?:_|^)(?:KEY|TOKEN|SECRET|PASSWORD)$"
_QUOTES = "\"'“”‘’"
_UNSEEN = "\ufeff\u200b\u2060"
"""What copying from a page or a file can leave around a key."""


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with ``HIDDEN`` in the place of each secret.

    Those that are ``known`` are hidden whatever their shape, the longest first.
    """
    for secret in known:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    # Compiled on first use, which costs 1 ms that the first frame need not wait for.
    return re.sub(_SHAPES, HIDDEN, text, flags=re.IGNORECASE)


def tidied(secret: str) -> str:
    """Return a key without the blanks, line ends and quotes that copying left around it."""
    before = None
    while before != secret:
        before, secret = secret, secret.strip().strip(_QUOTES + _UNSEEN)
    return secret


def is_key(text: str) -> bool:
    """Return whether a text is a key for Claude and nothing else."""
    return re.fullmatch(_KEY, tidied(text)) is not None


def without_keys(text: str) -> str:
    """Return what was written without keys for Claude: what follows ``/key``, and what is one."""
    return re.sub(_KEY, HIDDEN, re.sub(r"(?im)^[ \t]*/key[ \t]+\S.*$", "", text))


def slip_in(secret: str) -> str:
    """Return what a tidied key or token has that none has, as a noun; empty where it may be one.

    None of this can be put into an HTTP header, or a server would take half of it.
    """
    if any(letter in "\r\n\u0085\u2028\u2029" for letter in secret):
        return "a line end in it"
    if any(letter.isspace() for letter in secret):
        return "a blank in it"
    if not (secret.isascii() and secret.isprintable()):
        return "letters that no key has"
    if any(letter in _QUOTES for letter in secret):
        return "a quote in it"
    return ""


def secrets_of(environment: Mapping[str, str]) -> list[str]:
    """Return the secrets of an environment, the longest first: one may begin with another.

    Keys, tokens and passwords by the names of their variables, and what stands before the host of a
    proxy.
    """
    from urllib.parse import unquote  # The first frame does without.

    found: set[str] = set()
    for name, value in environment.items():
        if re.search(_SECRET_NAME, name, re.IGNORECASE):
            found |= {value.strip(), tidied(value)}
        elif name.lower().endswith("_proxy"):
            who = (value.partition("://")[2] or value).rpartition("@")[0]
            found |= {who, unquote(who.partition(":")[2]), who.partition(":")[2]}
    return sorted(filter(None, found), key=len, reverse=True)
