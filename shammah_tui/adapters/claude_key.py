"""Whether there is a key for Claude, told without importing what would use it."""

from collections.abc import Mapping

KEY, TOKEN = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"


def has_claude_key(environment: Mapping[str, str]) -> bool:
    """Return whether there is a key or token; whether it is good only the API knows."""
    return any(environment.get(name, "").strip() for name in (KEY, TOKEN))
