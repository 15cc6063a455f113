"""The chat templates that ``[local] chat_template`` can name besides a file."""

NAMES = (
    *("chatml", "llama2", "llama3", "gemma", "mistral-v3", "mistral-v7", "phi3", "phi4"),
    *("zephyr", "vicuna", "deepseek3", "command-r", "granite"),
)
"""Those of llama.cpp's own (``llama_chat_builtin_templates``) that the usual families need."""

SUFFIXES = (".jinja", ".jinja2", ".j2", ".txt")
"""How the name of a template's file ends."""


def is_file(setting: str) -> bool:
    """Return whether a setting is a path, by its shape."""
    return "/" in setting or "\\" in setting or setting.lower().endswith(SUFFIXES)
