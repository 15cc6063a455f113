"""The command line of ``shammah models``; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

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
