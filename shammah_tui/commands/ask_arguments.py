"""The command line of ``shammah ask``; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

ASK = "ask"

DESCRIPTION = """\
Ask one question and print the reply. What is piped in follows the question, after an empty line;
without a question it is the question. Beside a question a pipe counts if something comes within a
second, and a file if nothing of it was read yet, as by a loop; with - after the question standard
input is read to its end, however long that takes.

The same router as in the chat decides who answers, with what is ready: nothing is fetched. Claude
answers when there is a key, else a model of this machine; with --local or --model that model is
loaded. A server under [endpoint] in the settings is ready as it is. A question that begins with
@local or @claude is pinned as in the chat.

On a terminal a line on standard error says who answers and why. Question and reply are kept like
those of the chat."""

EPILOG = """\
exit status:
  0    a whole reply was printed
  1    failed; a sentence on standard error says why
  2    wrong usage, no question, what is piped in is no text, or WHAT is not a model
  3    the local model was needed and is not on this machine, or cannot be loaded
  4    Claude or the server cannot be reached
  6    there is no key for Claude, or it was refused
  7    overloaded, or too many requests: try again in a minute
  8    the reply broke off or met its limit; what came was printed
  9    the model declined
  10   the conversation is too long
  130  interrupted; what came was printed and is kept
When neither side answers, the status is Claude's unless the question is pinned to this machine.
"""


def add_ask_command(commands: Any, what_help: str) -> None:
    """Add ``ask`` to the program's parser.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
        what_help: How a model can be named.
    """
    ask: argparse.ArgumentParser = commands.add_parser(
        ASK,
        help="ask one question and print the reply",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ask.add_argument(
        "question",
        metavar="QUESTION",
        nargs="*",
        help="the question; joined words; - at its end waits for standard input",
    )
    side = ask.add_mutually_exclusive_group()
    side.add_argument(
        "--local", action="store_true", help="this machine or nobody: nothing is sent to Claude"
    )
    side.add_argument("--claude", action="store_true", help="Claude or nobody")
    # Not ``model``, which is the program's own option and refused before a command.
    ask.add_argument("--model", dest="what", metavar="WHAT", default="", help=what_help)
    ask.add_argument(
        "--system",
        metavar="TEXT",
        default=None,
        help="what the model is told first; instead of system_prompt in the settings",
    )
    ask.add_argument(
        "-c",
        "--continue",
        dest="continues",
        action="store_true",
        help="go on with the last conversation",
    )
    ask.add_argument(
        "--no-store", dest="keeps", action="store_false", help="do not keep question and reply"
    )
    ask.add_argument(
        "--json", action="store_true", help="print one object with the reply and its receipt"
    )
    ask.add_argument(
        "-q", "--quiet", action="store_true", help="say nothing of who answers and of loading"
    )
