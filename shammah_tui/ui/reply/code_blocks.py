"""The code blocks of a reply, as Markdown understands it."""

from dataclasses import dataclass
from functools import lru_cache

_SUFFIXES = {
    "bash": "sh",
    "c": "c",
    "c++": "cpp",
    "c#": "cs",
    "clojure": "clj",
    "console": "sh",
    "csharp": "cs",
    "elixir": "ex",
    "erlang": "erl",
    "haskell": "hs",
    "javascript": "js",
    "julia": "jl",
    "kotlin": "kt",
    "latex": "tex",
    "markdown": "md",
    "ocaml": "ml",
    "perl": "pl",
    "plaintext": "txt",
    "powershell": "ps1",
    "python": "py",
    "python3": "py",
    "ruby": "rb",
    "rust": "rs",
    "shell": "sh",
    "text": "txt",
    "typescript": "ts",
}
"""Of languages whose name is not what their files end in."""

_WHOLE_NAMES = {"dockerfile": "Dockerfile", "makefile": "Makefile", "make": "Makefile"}


@dataclass(frozen=True, slots=True)
class CodeText:
    """One code block: its language as the fence names it, in lower case, and its lines."""

    language: str
    code: str

    @property
    def file_name(self) -> str:
        """A name for a file of it, such as ``code.py``; never a path."""
        if self.language in _WHOLE_NAMES:
            return _WHOLE_NAMES[self.language]
        suffix = _SUFFIXES.get(self.language, self.language)
        is_plain = suffix.isascii() and suffix.isalnum() and len(suffix) <= 10
        return f"code.{suffix}" if is_plain else "code.txt"


@lru_cache(maxsize=8)
def code_blocks(markdown: str) -> tuple[CodeText, ...]:
    """Return the code blocks of ``markdown``, those in lists and quotes too."""
    if "```" not in markdown and "~~~" not in markdown and "    " not in markdown:
        return ()
    # Deferred: 20 ms, which only whoever has a reply with code on the screen pays.
    from shammah_tui.ui.reply.reply_parser import reply_parser

    return tuple(
        CodeText((token.info.split() or [""])[0].lower(), token.content)
        for token in reply_parser().parse(markdown)
        if token.type in {"fence", "code_block"}
    )
