"""The user's token for the Hub."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.children.fetch.bounded import BoundedCall
from shammah_tui.children.fetch.faults import PassingError
from shammah_tui.core.model.hub_address import cleaned

log = logging.getLogger(__name__)

_LOOKUP_S = 5.0
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, or why there is none.

    Attributes:
        value: What is sent; None sends none.
        source: The variable or the file that it comes from; empty where there is none.
        is_unusable: Whether there is one that cannot be sent.
    """

    value: str | None = None
    source: str = ""
    is_unusable: bool = False


def find_token() -> Token:
    """Return the token that huggingface_hub would use.

    ``HF_TOKEN``, the token file, and what else the library knows. A token from its browser login
    may be renewed over the network by this, hence the bound of 5 s. Blanks, quotes and the mark
    that some editors put at the beginning of a file are taken off.
    """
    # 20 ms to import once the HTTP library is there.
    from huggingface_hub import constants, get_token

    source = next((name for name in _VARIABLES if os.environ.get(name, "").strip()), "")
    if not source and Path(constants.HF_TOKEN_PATH).is_file():
        source = str(constants.HF_TOKEN_PATH)
    try:
        found = BoundedCall(lambda _: get_token()).result(_LOOKUP_S, _LOOKUP_S)
    except PassingError:
        log.warning("The token was not found in time; going on without one")
        return Token()
    except Exception as error:  # noqa: BLE001 - a broken login must not stop a public download
        log.warning("The token lookup failed: %s", type(error).__name__)
        return Token(None, source, is_unusable=bool(source))
    return usable(found or "", source)


def usable(text: str, source: str) -> Token:
    """Return the token in ``text``, in which there may be more than the token."""
    value = cleaned(cleaned(text).removeprefix("HF_TOKEN=").removeprefix("Bearer "))
    if not value:
        return Token()
    if not (value.isascii() and value.isprintable()) or " " in value:
        log.warning("The token in %s has a letter that no token has; going on without", source)
        return Token(None, source, is_unusable=True)
    return Token(value, source)
