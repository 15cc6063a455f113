"""The command line: one parser for the program and all commands.

Imports next to nothing, for ``--help`` imports it.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from shammah_tui import __version__
from shammah_tui.core.wording import help as words
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
                return words.unknown_option(name, suggestion(name, known))
            takes_value = known[meant[0]].nargs != 0
            if takes_value and not has_value and (name.startswith("--") or len(name) == 2):
                next(rest, None)
        return ""


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


ASK, DOCTOR, CONFIG, HELP = "ask", "doctor", "config", "help"
DEMO, SERVE = "demo", "serve"
HISTORY, EXPORT, IMPORT, USAGE = "history", "export", "import", "usage"
_FLAG = {"action": "store_true"}


def program_parser() -> Parser:
    parser = Parser(prog="shammah", usage=words.PROGRAM_USAGE, description=words.PROGRAM)
    add = _adder(parser, words.PROGRAM_OPTIONS)
    add("--model", metavar="WHAT", default="")
    add("--offline", **_FLAG)
    add("-c", "--continue", dest="continue_last", **_FLAG)
    add("--plain", **_FLAG)
    parser.add_argument("--version", action="version", version=f"shammah {__version__}")
    commands = parser.add_subparsers(
        prog="shammah", dest="command", metavar="COMMAND", title=words.COMMANDS
    )
    _add_ask(commands)
    _add_history(commands)
    add_models(commands)
    _adder(_command(commands, DOCTOR, words.DOCTOR), words.DOCTOR.options)("--json", **_FLAG)
    config = _adder(_command(commands, CONFIG, words.CONFIG), words.CONFIG.options)
    config("action", nargs="?", choices=("init", "edit", "check"), default="check")
    _adder(_command(commands, DEMO, words.DEMO), words.DEMO.options)("--script", **_FLAG)
    add = _adder(_command(commands, SERVE, words.SERVE), words.SERVE.options)
    add("--host", metavar="HOST", default="127.0.0.1")
    add("--port", metavar="N", type=_port, default=0)
    add("--cert", metavar="FILE", default="")
    add("--key", metavar="FILE", default="")
    add("--open", dest="opens", **_FLAG)
    add = _adder(_command(commands, HELP, words.HELP), words.HELP.options)
    add("topic", metavar="TOPIC", nargs="?", default="")
    return parser


def _add_ask(commands: Any) -> None:
    ask = _command(commands, ASK, words.ASK)
    add = _adder(ask, words.ASK.options)
    add("question", metavar="QUESTION", nargs="*")
    add_side = _adder(ask.add_mutually_exclusive_group(), words.ASK.options)
    add_side("--local", **_FLAG)
    add_side("--claude", **_FLAG)
    # Not ``model``, which is the program's own option and refused before a command.
    add("--model", dest="what", metavar="WHAT", default="")
    add("--system", metavar="TEXT", default=None)
    add("-c", "--continue", dest="continues", **_FLAG)
    add("--no-store", dest="keeps", action="store_false")
    add("--json", **_FLAG)
    add("-q", "--quiet", **_FLAG)


def _add_history(commands: Any) -> None:
    add = _adder(_command(commands, HISTORY, words.HISTORY), words.HISTORY.options)
    add("-n", "--limit", metavar="N", type=_count)
    add("--json", **_FLAG)
    add = _adder(_command(commands, EXPORT, words.EXPORT), words.EXPORT.options)
    add("id", metavar="ID", nargs="?", default="")
    add("--all", **_FLAG)
    add("--format", choices=("md", "json"))
    add("-o", "--output", metavar="FILE", default="")
    _adder(_command(commands, IMPORT, words.IMPORT), words.IMPORT.options)("file", metavar="FILE")
    add = _adder(_command(commands, USAGE, words.USAGE), words.USAGE.options)
    add("--by", choices=("day", "month"), default="month")
    add("--json", **_FLAG)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError
    return number


def add_models(commands: Any) -> None:
    """Add ``models`` and its commands to what ``ArgumentParser.add_subparsers`` returned."""
    models = _command(commands, "models", words.MODELS)
    models.usage = words.MODELS_USAGE
    add = _adder(models, words.MODELS.options)
    add("--json", **_FLAG)
    add("--paths", **_FLAG)
    actions = models.add_subparsers(
        prog="shammah models", dest="action", metavar="COMMAND", title="commands"
    )
    _adder(_command(actions, "pull", words.PULL), words.PULL.options)("what", metavar="WHAT")
    add = _adder(_command(actions, "rm", words.RM), words.RM.options)
    add("what", metavar="WHAT")
    add("-y", "--yes", **_FLAG)
    _adder(_command(actions, "path", words.PATH), words.PATH.options)("what", metavar="WHAT")
    add = _adder(_command(actions, "verify", words.VERIFY), words.VERIFY.options)
    add("what", metavar="WHAT", nargs="?")


def _command(commands: Any, name: str, said: words.CommandHelp) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=said.summary,
        description=said.text,
        epilog=said.statuses,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _adder(parser: Any, options: Mapping[str, str]) -> Callable[..., None]:
    """Return ``add_argument`` of a parser or a group, with the help of the longest name."""

    def add(*names: str, **more: Any) -> None:
        parser.add_argument(*names, help=options[names[-1]], **more)

    return add
