"""What ``--help`` prints. Imports next to nothing, for that is to be quick."""

from typing import NamedTuple


class CommandHelp(NamedTuple):
    """What is said of one command.

    Attributes:
        summary: In the list of commands.
        text: At the top of its own help.
        statuses: At the end of it: what its exit status tells.
        options: What each of its arguments is for.
    """

    summary: str
    text: str
    statuses: str
    options: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it


PROGRAM = "Chat with a local model, and with Claude until it has downloaded."
PROGRAM_USAGE = (
    "shammah [-h] [--model WHAT] [--offline] [--continue] [--plain] [--version] [COMMAND ...]"
)
MODELS_USAGE = "shammah models [-h] [--json] [--paths] [COMMAND ...]"
COMMANDS = "without the screen"
MODEL_IS_FOR_CHAT = "--model is for the chat: name the model after the command"
_MODEL = (
    "local model: an id from the model panel (qwen3.5-4b), owner/repo or owner/repo:QUANT on the "
    "Hugging Face Hub, owner/repo/path/file.gguf, the address of its page, or a path to a .gguf "
    "file"
)
_LISTED = f"{_MODEL}; or a name that `shammah models` lists"
_CONTINUE = "continue the last conversation"
PROGRAM_OPTIONS = {
    "--model": _MODEL,
    "--offline": "download nothing; use what is on this machine",
    "--continue": _CONTINUE,
    "--plain": "for screen readers and slow lines: no movement, no frames",
}

ASK = CommandHelp(
    "ask one question and print the reply",
    """\
Ask one question and print the reply. Piped text is appended to the question, or used as
the question. Beside a question, a pipe is read if it sends something within a second, and a file
if nothing has read from it yet; with - after the question, standard input is always read to its
end.

The same router as in the chat decides who answers; nothing is downloaded. Claude answers if there
is a key, else a local model; --local and --model load one. A server under [endpoint] in the
settings needs no loading. @local or @claude at the beginning pins the question, as in the chat.

On a terminal, a line on standard error says who answers and why. Question and reply are stored
like those of the chat.""",
    """\
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
""",
    {
        "question": "the question; words are joined; - at its end waits for standard input",
        "--local": "local only: nothing is sent to Claude",
        "--claude": "Claude only",
        "--model": _MODEL,
        "--system": "instructions for the model; instead of system_prompt in the settings",
        "--continue": _CONTINUE,
        "--no-store": "do not store question and reply",
        "--json": "print the reply and its receipt as JSON",
        "--quiet": "no status messages",
    },
)

_HISTORY_STATUSES = """\
exit status:
  0    done
  1    failed; one sentence on standard error says why
  2    wrong usage
  3    there is no such conversation, or no such file
  130  interrupted
"""
HISTORY = CommandHelp(
    "list the conversations",
    "List the conversations: id, last used, messages, title; pinned ones first.",
    _HISTORY_STATUSES,
    {"--limit": "show at most N", "--json": "print them as JSON"},
)
EXPORT = CommandHelp(
    "print a conversation, or write all to a file",
    "Write one conversation, or all, as Markdown (what is shown of them) or as JSON (all\n"
    "branches and receipts, which `shammah import` reads). Without ID: the last one.",
    _HISTORY_STATUSES,
    {
        "id": "a conversation as `shammah history` lists it, or the end of its id",
        "--all": "all conversations",
        "--format": "default: by the file's ending, else md",
        "--output": "write to FILE; default: standard output",
    },
)
IMPORT = CommandHelp(
    "import a JSON export, also ChatGPT's, Claude's or LibreChat's",
    "Add the conversations of a JSON export, or of one of ChatGPT's, Claude's (zipped or not)\n"
    "or LibreChat's. Conversations that are here stay as they are; deleted ones are restored.",
    _HISTORY_STATUSES,
    {"file": "the export; - is standard input"},
)
USAGE = CommandHelp(
    "show the share of local replies, tokens and cost",
    "Show who answered how much, what Claude cost, and what the local replies would have cost\n"
    "with the Claude model of the settings. Prices are under [prices] in the settings.",
    _HISTORY_STATUSES,
    {"--by": "default: %(default)s", "--json": "print it as JSON"},
)

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
MODELS = CommandHelp(
    "list, download, delete and check models",
    "List the local models, or download, delete or check one.",
    _MODELS_STATUSES,
    {"--json": "list as JSON", "--paths": "list the paths of the files, too"},
)
PULL = CommandHelp(
    "download a model, or resume its download",
    "Download a model, or resume its download. Files that are here are not downloaded again.",
    _MODELS_STATUSES,
    {"what": _MODEL},
)
RM = CommandHelp(
    "delete a model",
    "Delete a model, or a partial download, from the Hub's cache. Files that you name by "
    "their path are never deleted.",
    _MODELS_STATUSES,
    {"what": _LISTED, "--yes": "do not ask"},
)
PATH = CommandHelp(
    "print the file to open",
    "Print the path of a model's GGUF file (the first one of a split model).",
    _MODELS_STATUSES,
    {"what": _LISTED},
)
VERIFY = CommandHelp(
    "check size and SHA-256",
    "Check the size and SHA-256 of a model's files.",
    _MODELS_STATUSES,
    {"what": f"{_LISTED}; without it, all local models"},
)
DOCTOR = CommandHelp(
    "check this installation and say what to do",
    """\
Check the llama.cpp build, devices, memory, disk, settings, key, network and
terminal, and say how to fix what is wrong. Takes up to 6 s.""",
    """\
exit status:
  0    ready to chat: Claude, the local model or both can answer
  1    nothing can answer
""",
    {"--json": "print the findings as JSON"},
)

SERVE = CommandHelp(
    "open the chat in a browser",
    """\
Serve the chat to a browser of this machine, and print the address to open. Its token works
once: the browser that opens it first can open the page again, others cannot. Each page has a
chat of its own, with the conversations, settings and models of the terminal. A page that is
loaded again within 15 s shows its chat as it stands; a chat whose page stays away ends as when
you quit it.

On an address that others can reach, the page is served only with --host and a certificate.""",
    """\
exit status:
  0    stopped with Ctrl+C
  1    failed; a sentence on standard error says why
  2    wrong usage, or an address that needs a certificate
""",
    {
        "--host": "the name or address to serve on, as in the certificate; default: 127.0.0.1",
        "--port": "default: a free one",
        "--cert": "the certificate, and those above it, as PEM",
        "--key": "its key, as PEM",
        "--open": "open the address in the browser, too",
    },
)


def unknown_option(name: str, meant: str) -> str:
    return f"unknown option {name}{meant}"


CONFIG = CommandHelp(
    "write, open or check the settings file",
    "Without a word after it, check.",
    """\
exit status:
  0    done, or nothing is wrong with the file
  1    something in the file cannot be used, or it cannot be written or opened
  2    wrong usage
""",
    {
        "action": "init writes the file with every setting commented out; edit opens it in "
        "$VISUAL or $EDITOR; check says what cannot be used"
    },
)
HELP = CommandHelp(
    "show a longer text on one topic",
    "Show a longer text on one topic; without TOPIC, list the topics.",
    "",
    {"topic": "what to read about"},
)
DEMO = CommandHelp(
    "play a demonstration, without a key or a network",
    """\
Play the program's story: a stand-in for Claude replies while a small model downloads
and loads, then the model replies. All of it stays on this machine, in a home folder
that is deleted at the end; your settings, conversations and models are not touched.""",
    """\
exit status:
  0    done
  1    it stopped before its end, or others replied than were to
  2    wrong usage, or there is no terminal
  3    the starter model or llama.cpp is not installed
  130  interrupted
""",
    {"--script": "ask three questions by itself, then quit"},
)
