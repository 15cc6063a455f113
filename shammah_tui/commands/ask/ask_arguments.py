"""The command line of ``shammah ask``; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

ASK = "ask"

DESCRIPTION = """\
Ask one question and print the reply. Piped text is appended to the question, or used as
the question. Beside a question, a pipe is read if it sends something within a second, and a file
if nothing has read from it yet; with - after the question, standard input is always read to its
end.

The same router as in the chat decides who answers; nothing is downloaded. Claude answers if there
is a key, else a local model; --local and --model load one. A server under [endpoint] in the
settings needs no loading. @local or @claude at the beginning pins the question, as in the chat.

On a terminal, a line on standard error says who answers and why. Question and reply are stored
like those of the chat."""

EPILOG = """\
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
        help="the question; words are joined; - at its end waits for standard input",
    )
    side = ask.add_mutually_exclusive_group()
    side.add_argument("--local", action="store_true", help="local only: nothing is sent to Claude")
    side.add_argument("--claude", action="store_true", help="Claude only")
    # Not ``model``, which is the program's own option and refused before a command.
    ask.add_argument("--model", dest="what", metavar="WHAT", default="", help=what_help)
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
