"""The command line: one parser for the program and all commands.

Imports next to nothing, for ``--help`` imports it.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from shammah_tui import __version__
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


ASK, DOCTOR = "ask", "doctor"
HISTORY, EXPORT, IMPORT, USAGE = "history", "export", "import", "usage"

MODEL_HELP = (
    "local model: an id from the model panel (qwen3.5-4b), owner/repo or owner/repo:QUANT on the "
    "Hugging Face Hub, owner/repo/path/file.gguf, or a path to a .gguf file"
)


_ASK = """\
Ask one question and print the reply. Piped text is appended to the question, or used as
the question. Beside a question, a pipe is read if it sends something within a second, and a file
if nothing has read from it yet; with - after the question, standard input is always read to its
end.

The same router as in the chat decides who answers; nothing is downloaded. Claude answers if there
is a key, else a local model; --local and --model load one. A server under [endpoint] in the
settings needs no loading. @local or @claude at the beginning pins the question, as in the chat.

On a terminal, a line on standard error says who answers and why. Question and reply are stored
like those of the chat."""

_ASK_STATUSES = """\
exit status:
  0    a whole reply was printed
  1    failed; a sentence on standard error says why
  2    wrong usage, no question, piped input that is not text, or WHAT is not a model
  3    the local model was needed and is not on this machine, or cannot be loaded
  4    Claude or the server cannot be reached
  6    there is no key for Claude, or it was refused
  7    overloaded, or too many requests: try again in a minute
  8    the reply was interrupted or reached its limit; the text so far was printed
  9    the model declined
  10   the conversation is too long
  130  interrupted; the text so far was printed and stored
When neither side answers, the status is Claude's, unless the question is pinned to the local model.
"""


def _add_ask(commands: Any) -> None:
    ask = _add(commands, ASK, "ask one question and print the reply", _ASK, _ASK_STATUSES)
    ask.add_argument(
        "question",
        metavar="QUESTION",
        nargs="*",
        help="the question; words are joined; - at its end waits for standard input",
    )
    side = ask.add_mutually_exclusive_group()
    side.add_argument("--local", action="store_true", help="local only: nothing is sent to Claude")
    side.add_argument("--claude", action="store_true", help="Claude only")
    # Not ``model``, which is the program's own option and refused before a command.
    ask.add_argument("--model", dest="what", metavar="WHAT", default="", help=MODEL_HELP)
    ask.add_argument(
        "--system",
        metavar="TEXT",
        default=None,
        help="instructions for the model; instead of system_prompt in the settings",
    )
    ask.add_argument(
        "-c",
        "--continue",
        dest="continues",
        action="store_true",
        help="continue the last conversation",
    )
    ask.add_argument(
        "--no-store", dest="keeps", action="store_false", help="do not store question and reply"
    )
    ask.add_argument("--json", action="store_true", help="print the reply and its receipt as JSON")
    ask.add_argument("-q", "--quiet", action="store_true", help="no status messages")


_HISTORY_STATUSES = """\
exit status:
  0    done
  1    failed; one sentence on standard error says why
  2    wrong usage
  3    there is no such conversation, or no such file
  130  interrupted
"""
_ID_HELP = "a conversation as `shammah history` lists it, or the end of its id"


def _add_history(commands: Any) -> None:
    history = _add(
        commands,
        HISTORY,
        "list the conversations",
        "List the conversations: id, last used, messages, title; pinned ones first.",
        _HISTORY_STATUSES,
    )
    history.add_argument("-n", "--limit", metavar="N", type=_count, help="show at most N")
    history.add_argument("--json", action="store_true", help="print them as JSON")

    export = _add(
        commands,
        EXPORT,
        "print a conversation, or write all to a file",
        "Write one conversation, or all, as Markdown (what is shown of them) or as JSON (all\n"
        "branches and receipts, which `shammah import` reads). Without ID: the last one.",
        _HISTORY_STATUSES,
    )
    export.add_argument("id", metavar="ID", nargs="?", default="", help=_ID_HELP)
    export.add_argument("--all", action="store_true", help="all conversations")
    export.add_argument(
        "--format",
        choices=("md", "json"),
        help="default: by the file's ending, else md",
    )
    export.add_argument(
        "-o", "--output", metavar="FILE", default="", help="write to FILE; default: standard output"
    )

    read = _add(
        commands,
        IMPORT,
        "import a JSON export, also ChatGPT's, Claude's or LibreChat's",
        "Add the conversations of a JSON export, or of one of ChatGPT's, Claude's (zipped or not)\n"
        "or LibreChat's. Conversations that are here stay as they are; deleted ones are restored.",
        _HISTORY_STATUSES,
    )
    read.add_argument("file", metavar="FILE", help="the export; - is standard input")

    usage = _add(
        commands,
        USAGE,
        "show the share of local replies, tokens and cost",
        "Show who answered how much, what Claude cost, and what the local replies would have cost\n"
        "with the Claude model of the settings. Prices are under [prices] in the settings.",
        _HISTORY_STATUSES,
    )
    usage.add_argument(
        "--by", choices=("day", "month"), default="month", help="default: %(default)s"
    )
    usage.add_argument("--json", action="store_true", help="print it as JSON")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_MODELS_STATUSES = """\
exit status:
  0    done
  1    failed; one sentence on standard error says why
  2    wrong usage, or WHAT is not a model
  3    not found on the Hub, or not on this machine
  4    no network, or it failed too often
  5    no space on the disk
  130  interrupted; a partial download is kept
"""


def add_models(commands: Any) -> None:
    """Add ``models`` and its commands to what ``ArgumentParser.add_subparsers`` returned."""
    models = _add(
        commands,
        "models",
        "list, download, delete and check models",
        "List the local models, or download, delete or check one.",
        _MODELS_STATUSES,
    )
    models.add_argument("--json", action="store_true", help="list as JSON")
    models.add_argument("--paths", action="store_true", help="list the paths of the files, too")
    models.usage = "shammah models [-h] [--json] [--paths] [COMMAND ...]"
    actions = models.add_subparsers(
        prog="shammah models", dest="action", metavar="COMMAND", title="commands"
    )
    also_listed = f"{MODEL_HELP}; or a name that `shammah models` lists"
    _add(
        actions,
        "pull",
        "download a model, or resume its download",
        "Download a model, or resume its download. Files that are here are not downloaded again.",
        _MODELS_STATUSES,
    ).add_argument("what", metavar="WHAT", help=MODEL_HELP)
    remove = _add(
        actions,
        "rm",
        "delete a model",
        "Delete a model, or a partial download, from the Hub's cache. Files that you name by "
        "their path are never deleted.",
        _MODELS_STATUSES,
    )
    remove.add_argument("what", metavar="WHAT", help=also_listed)
    remove.add_argument("-y", "--yes", action="store_true", help="do not ask")
    _add(
        actions,
        "path",
        "print the file to open",
        "Print the path of a model's GGUF file (the first one of a split model).",
        _MODELS_STATUSES,
    ).add_argument("what", metavar="WHAT", help=also_listed)
    _add(
        actions,
        "verify",
        "check size and SHA-256",
        "Check the size and SHA-256 of a model's files.",
        _MODELS_STATUSES,
    ).add_argument(
        "what", metavar="WHAT", nargs="?", help=f"{also_listed}; without it, all local models"
    )


_DOCTOR = """\
Check the llama.cpp build, devices, memory, disk, settings, key, network and
terminal, and say how to fix what is wrong. Takes up to 6 s."""

_DOCTOR_STATUSES = """\
exit status:
  0    ready to chat: Claude, the local model or both can answer
  1    nothing can answer
"""


def _add_doctor(commands: Any) -> None:
    doctor = _add(
        commands, DOCTOR, "check this installation and say what to do", _DOCTOR, _DOCTOR_STATUSES
    )
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")


def program_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="shammah",
        usage="shammah [-h] [--model WHAT] [--offline] [--continue] [--plain] [--version] "
        "[COMMAND ...]",
        description="Chat with a local model, and with Claude until it has downloaded.",
    )
    parser.add_argument("--model", metavar="WHAT", default="", help=MODEL_HELP)
    parser.add_argument(
        "--offline", action="store_true", help="download nothing; use what is on this machine"
    )
    parser.add_argument(
        "-c",
        "--continue",
        dest="continue_last",
        action="store_true",
        help="continue the last conversation",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="for screen readers and slow lines: no movement, no frames",
    )
    parser.add_argument("--version", action="version", version=f"shammah {__version__}")
    commands = parser.add_subparsers(
        prog="shammah", dest="command", metavar="COMMAND", title="without the screen"
    )
    _add_ask(commands)
    _add_history(commands)
    add_models(commands)
    _add_doctor(commands)
    return parser


def _add(
    commands: Any, name: str, summary: str, description: str, epilog: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser
