"""What a message that begins with a slash means: a command, a mistyped one, or text after all."""

import re
from collections.abc import Collection
from typing import NamedTuple

from shammah_tui.core.wording import notices

_NAME = re.compile(r"/([A-Za-z][\w-]*)")


# Before the first frame a tuple costs a fifth of a dataclass.
class SlashCommand(NamedTuple):
    """A command that there is, in lower case, and what stands after it."""

    name: str
    argument: str = ""


class UnknownCommand(NamedTuple):
    """What looks like a command, but is none; ``hint`` is a sentence for the user."""

    hint: str


class Completion(NamedTuple):
    """One way to complete what is typed: what the composer then holds, and how the list has it."""

    text: str
    shown: str
    description: str = ""


def read_slash(text: str, names: Collection[str]) -> SlashCommand | UnknownCommand | str:
    """Return the command that ``text`` is, or the text that it stands for.

    ``//name`` stands for ``/name``. Only what could be meant as a command is held to be one: a
    path, a comment or a regular expression of a program is text. A mistyped command is never
    text, since ``/lcoal`` may precede what must not leave this machine.

    There is no white space around ``text``; ``names`` are in lower case.
    """
    if text == "/":
        return UnknownCommand(notices.SLASH_ALONE)
    if text.startswith("//") and _NAME.match(text, 1):
        return text[1:]
    match = _NAME.match(text)
    if match is None:
        return text
    name, rest = match[1].lower(), text[match.end() :]
    if rest and not rest[0].isspace():
        if rest[0] == "/" and name not in names:
            return text
        word = text.split(maxsplit=1)[0]
        return _unknown(word, name, names)
    if name not in names:
        return _unknown(match[0], name, names)
    return SlashCommand(name, rest.strip())


def typed_name(text: str) -> str | None:
    """Return how far the name of a command has been typed; None where no name is being typed."""
    if text == "/":
        return ""
    match = _NAME.fullmatch(text)
    return None if match is None else match[1].lower()


def typed_argument(text: str, names: Collection[str]) -> SlashCommand | None:
    """Return the command of which one word after the name is being typed, with that word so far.

    None where no command's name and a space stand before it, or more than one word after them.
    """
    match = _NAME.match(text)
    if match is None or match[1].lower() not in names:
        return None
    rest = text[match.end() :]
    word = rest.lstrip(" ")
    if rest == word or any(each.isspace() for each in word):
        return None
    return SlashCommand(match[1].lower(), word)


def _unknown(word: str, name: str, names: Collection[str]) -> UnknownCommand:
    # Deferred: only a mistyped word needs it.
    from shammah_tui.core.wording.suggestions import suggestion

    meant = suggestion(name, names, "/")
    return UnknownCommand(notices.no_command(word[:40], meant))
