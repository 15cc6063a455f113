"""What ``shammah config`` and ``shammah help`` say."""

from collections.abc import Iterable


def exists(path: object) -> str:
    return f"{path} exists: `shammah config edit` opens it"


def not_written(path: object, why: str) -> str:
    return f"{path} cannot be written: {why}"


def written(path: object) -> str:
    return f"Written: {path} (every line is commented out; `shammah config edit` opens it)"


def no_editor(path: object) -> str:
    return f"No editor was found: set EDITOR, or open {path} yourself"


def editor_failed(command: str, why: str) -> str:
    return f"{command} cannot be started: {why}; set EDITOR to another editor"


def editor_ended(command: str, status: int) -> str:
    return f"{command} ended with status {status}: the settings were not checked"


def fine(path: object) -> str:
    return f"{path}: no problems"


def absent(path: object) -> str:
    return f"There is no {path}: the defaults are used; `shammah config init` writes one"


def no_topic(name: str, meant: str) -> str:
    return f"There is no topic {name}{meant or '; `shammah help` lists them'}"


def topic_list(topics: Iterable[tuple[str, str]]) -> str:
    """Return the list of topics, each with its first line."""
    rows = "\n".join(f"  {name:<10} {line}" for name, line in topics)
    return f"shammah help TOPIC shows one of:\n\n{rows}\n\n`shammah --help` lists the options."
