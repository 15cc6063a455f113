"""The key for Claude and the address of its API, told without importing what would use them."""

from collections.abc import Mapping

KEY, TOKEN = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"
CLAUDE_ADDRESS = "https://api.anthropic.com"


def claude_key(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the key and the token; each is empty where it is not set."""
    from shammah_tui.core.text.secrets import tidied  # The first frame does without.

    return tidied(environment.get(KEY, "")), tidied(environment.get(TOKEN, ""))


def has_claude_key(environment: Mapping[str, str]) -> bool:
    """Return whether there is a key or token; whether it is good only the API knows."""
    return any(environment.get(name, "").strip(" \t\r\n\"'") for name in (KEY, TOKEN))


def wrong_key(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the variable of a key that cannot be sent, and what is wrong with it; or nothing."""
    from shammah_tui.core.text.secrets import slip_in

    key, token = claude_key(environment)
    # The order is the SDK's: a key comes before a token.
    name, slip = (KEY, slip_in(key)) if key else (TOKEN, slip_in(token))
    return (name, slip) if slip else ("", "")


def claude_address(environment: Mapping[str, str]) -> str:
    """Return the address of the Messages API, without the path that every request adds itself."""
    from shammah_tui.core.text.secrets import tidied

    address = tidied(environment.get("ANTHROPIC_BASE_URL", "")).rstrip("/")
    return address.removesuffix("/messages").removesuffix("/v1").rstrip("/") or CLAUDE_ADDRESS
