"""What the first frame says, before Textual is there and after: no imports, for they take time."""

NAME = "Shammah"
STARTING = "Starting…"
NO_KEY = "no Claude key"
NARROW = 60
"""Below this many columns the header does without the note on the key."""

PLACEHOLDER = "Ask anything"

WELCOME = "Ask anything."
WITH_CLAUDE = (
    "Claude answers until the local model is ready; then the local model answers what it can. "
    "Each reply says who answered."
)
WITHOUT_CLAUDE = (
    "The local model answers once it is ready. To use Claude meanwhile, give a key with /key or "
    "set ANTHROPIC_API_KEY."
)
PRIVATE = (
    "This conversation is private: only the local model answers, nothing is stored or sent to "
    "Claude, and it is gone when you leave it."
)
HOW = "Type / for commands. Ctrl+P searches all commands."
HOW_WITH_CLAUDE = "Type / for commands, @claude to ask Claude. Ctrl+P finds the rest."
TALL = 14
"""Rows of a window from which on the welcome says how to begin, too."""
