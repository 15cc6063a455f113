"""The parser of command lines; standard library only, for ``--help`` imports it."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that names an option that it does not know, and the one that was meant.

    Python's takes the word after a mistyped option for a command, and complains of that word.
    """

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse as Python's does, and remember what was given."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong and end with status 2."""
        super().error(self._unknown_option() or message)

    def _unknown_option(self) -> str:
        """Return a sentence on the first option that no parser here knows; empty without one."""
        parser: argparse.ArgumentParser = self
        rest = iter(getattr(self, "_given", ()))
        for argument in rest:
            if argument == "--":
                break
            name, has_value, _ = argument.partition("=")
            if not name.startswith("-") or name == "-" or name[1:2].isdigit():
                parser = _commands(parser).get(argument, parser)
                continue
            known = parser._option_string_actions
            if name.startswith("--"):
                # A beginning that only one option has does for the whole.
                meant = [each for each in known if each.startswith(name)]
            else:
                meant = [each for each in known if each == name[:2]]
            if not meant:
                return f"unknown option {name}{_suggestion(name, known)}"
            takes_value = known[meant[0]].nargs != 0
            if takes_value and not has_value and (name.startswith("--") or len(name) == 2):
                next(rest, None)
        return ""


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _suggestion(name: str, known: Sequence[str] | dict[str, Any]) -> str:
    import difflib  # 3 ms that only a mistyped command line needs.

    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""
