"""The user's token for the Hub."""

import logging

from shammah_tui.engine.fetch.bounded import BoundedCall
from shammah_tui.engine.fetch.faults import PassingError

log = logging.getLogger(__name__)

_LOOKUP_S = 5.0


def find_token() -> str | None:
    """Return the token that huggingface_hub would use, or None.

    ``HF_TOKEN``, the token file, and what else the library knows. A token from its browser login
    may be renewed over the network by this, hence the bound of 5 s.
    """
    # 20 ms to import once the HTTP library is there.
    from huggingface_hub import get_token

    try:
        return BoundedCall(lambda _: get_token()).result(_LOOKUP_S, _LOOKUP_S)
    except PassingError:
        log.warning("The token was not found in time; going on without one")
    except Exception as error:  # noqa: BLE001 - a broken login must not stop a public download
        log.warning("The token lookup failed: %s", type(error).__name__)
    return None
