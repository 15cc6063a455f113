"""Keys and tokens, found by their shape and taken out of what is shown or logged."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""Shorter values (``1``, ``auto``) are no secrets, and hiding them would garble the text."""

_SHAPES = (
    r"\bsk-[A-Za-z0-9_-]{8,}"  # the API's keys, and those of others that do as OpenAI does
    r"|\bhf_[A-Za-z0-9]{8,}"  # the Hub's tokens, which may come from a file
    r"|(?<=Bearer )[^\s'\",]+"
    r"|(?<=://)[^/@\s]+:[^/@\s]+(?=@)"  # a proxy's user and password
)


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """Return ``text`` with ``HIDDEN`` in the place of each secret.

    Args:
        text: Anything that a server or a library has said.
        known: Secrets whatever their shape, the longest first: one may begin with another.
    """
    for secret in known:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    # Compiled on first use, which costs 1 ms that the first frame need not wait for.
    return re.sub(_SHAPES, HIDDEN, text, flags=re.IGNORECASE)
