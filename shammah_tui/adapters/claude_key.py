"""The key for Claude, told without importing what would use it."""

from collections.abc import Mapping

KEY, TOKEN = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"


def claude_key(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the key and the token; each is empty where it is not set."""
    return environment.get(KEY, "").strip(), environment.get(TOKEN, "").strip()


def has_claude_key(environment: Mapping[str, str]) -> bool:
    """Return whether there is a key or token; whether it is good only the API knows."""
    return any(claude_key(environment))
