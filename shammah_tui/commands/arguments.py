"""The parser of command lines; imports next to nothing, for ``--help`` imports it."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from shammah_tui.core.wording.suggestions import suggestion


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
                return f"unknown option {name}{suggestion(name, known)}"
            takes_value = known[meant[0]].nargs != 0
            if takes_value and not has_value and (name.startswith("--") or len(name) == 2):
                next(rest, None)
        return ""


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


EPILOG = """\
exit status:
  0    done
  1    failed; one sentence on standard error says why
  2    wrong usage, or WHAT is not a model
  3    not found on the Hub, or not on this machine
  4    no network, or it failed too often
  5    no space on the disk
  130  interrupted; a partial download is kept
"""


def add_models_command(commands: Any, what_help: str) -> None:
    """Add ``models`` and its commands to the program's parser.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
        what_help: How a model can be named.
    """
    models = _add(
        commands,
        "models",
        "list, download, delete and check models",
        "List the local models, or download, delete or check one.",
    )
    models.add_argument("--json", action="store_true", help="list as JSON")
    models.add_argument("--paths", action="store_true", help="list the paths of the files, too")
    models.usage = "shammah models [-h] [--json] [--paths] [COMMAND ...]"
    actions = models.add_subparsers(
        prog="shammah models", dest="action", metavar="COMMAND", title="commands"
    )
    also_listed = f"{what_help}; or a name that `shammah models` lists"
    _add(
        actions,
        "pull",
        "download a model, or resume its download",
        "Download a model, or resume its download. Files that are here are not downloaded again.",
    ).add_argument("what", metavar="WHAT", help=what_help)
    remove = _add(
        actions,
        "rm",
        "delete a model",
        "Delete a model, or a partial download, from the Hub's cache. Files that you name by "
        "their path are never deleted.",
    )
    remove.add_argument("what", metavar="WHAT", help=also_listed)
    remove.add_argument("-y", "--yes", action="store_true", help="do not ask")
    _add(
        actions,
        "path",
        "print the file to open",
        "Print the path of a model's GGUF file (the first one of a split model).",
    ).add_argument("what", metavar="WHAT", help=also_listed)
    _add(
        actions,
        "verify",
        "check size and SHA-256",
        "Check the size and SHA-256 of a model's files.",
    ).add_argument(
        "what", metavar="WHAT", nargs="?", help=f"{also_listed}; without it, all local models"
    )


def _add(commands: Any, name: str, summary: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser
