"""The commands on what is kept; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

HISTORY, EXPORT, IMPORT, USAGE = "history", "export", "import", "usage"

_STATUSES = """\
exit status:
  0    done
  1    failed; one sentence on standard error says why
  2    wrong usage
  3    there is no such conversation, or no such file
  130  interrupted
"""
_ID_HELP = "a conversation as `shammah history` lists it, or the end of its id"


def add_history_commands(commands: Any) -> None:
    """Add ``history``, ``export``, ``import`` and ``usage`` to the program's parser.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    history = _add(
        commands,
        HISTORY,
        "list the conversations",
        "List the conversations: id, last used, messages, title; pinned ones first.",
    )
    history.add_argument("-n", "--limit", metavar="N", type=_count, help="show at most N")
    history.add_argument("--json", action="store_true", help="print them as JSON")

    export = _add(
        commands,
        EXPORT,
        "print a conversation, or write all to a file",
        "Write one conversation, or all, as Markdown (what is shown of them) or as JSON (all\n"
        "branches and receipts, which `shammah import` reads). Without ID: the last one.",
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
    )
    read.add_argument("file", metavar="FILE", help="the export; - is standard input")

    usage = _add(
        commands,
        USAGE,
        "show the share of local replies, tokens and cost",
        "Show who answered how much, what Claude cost, and what the local replies would have cost\n"
        "with the Claude model of the settings. Prices are under [prices] in the settings.",
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


def _add(commands: Any, name: str, summary: str, description: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser
