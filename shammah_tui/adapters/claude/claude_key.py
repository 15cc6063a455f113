"""The key for Claude and the address of its API, told without importing what would use them."""

from collections.abc import Mapping

KEY, TOKEN = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"
KEPT_FILE = "claude-key.json"
"""In the state folder, where a key was given in the program; see ``key_store``."""
CLAUDE_ADDRESS = "https://api.anthropic.com"


def claude_key(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the key and the token; each is empty where it is not set."""
    from shammah_tui.core.text.secrets import tidied  # The first frame does without.

    return tidied(environment.get(KEY, "")), tidied(environment.get(TOKEN, ""))


def may_have_key(environment: Mapping[str, str]) -> bool:
    """Return whether there seems to be a key: in the environment, or kept by this program."""
    from shammah_tui.adapters.files.state_file import state_folder

    is_set = any(environment.get(name, "").strip(" \t\r\n\"'") for name in (KEY, TOKEN))
    return is_set or (state_folder() / KEPT_FILE).exists()


def claude_address(environment: Mapping[str, str]) -> str:
    """Return the address of the Messages API, without the path that every request adds itself."""
    from shammah_tui.core.text.secrets import tidied

    address = tidied(environment.get("ANTHROPIC_BASE_URL", "")).rstrip("/")
    return address.removesuffix("/messages").removesuffix("/v1").rstrip("/") or CLAUDE_ADDRESS
