"""Short sentences that the screen, and what works for it, tell in passing.

Imports nothing: the first frame has some of them.
"""

# The conversation

WAIT_FOR_REPLY = "Wait for this reply to finish, or stop it first"
NOTHING_TO_UNDO = "Nothing to undo"
NO_CONVERSATIONS = "No conversations yet"
NO_USAGE = "No usage yet"
NO_REPLY = "No reply yet"
UNREPLIED = f"{NO_REPLY}. F7 asks for one."
NONE_TO_CONTINUE = "No conversation to continue: this is a new one"
NOT_WHILE_REPLYING = "Not while the reply is being written: stop it, or wait for its end"
NO_REPLY_TO_CONTINUE = "There is no reply yet to continue"
CANNOT_CONTINUE = "The last reply can't be continued: Ctrl+↑, then r asks again"
NO_QUESTION_YET = "No question to regenerate yet"
MESSAGE_GONE = "This message was deleted: open the conversation again"
BACK_IN_COMPOSER = "Your question is back in the composer."
CHOOSE_FIRST = "Choose a message with ↑ or ↓ first, then d deletes it"
PRIVATE_UNLISTED = "A private conversation can't be renamed or pinned: it isn't stored"
EMPTY_UNLISTED = "Ask something first: an empty conversation isn't stored"
COPY_UNCONFIRMED = "Sent to the clipboard. Your terminal doesn't confirm it."
PRIVATE_HERE = "private: not stored, not sent to Claude"
LATER_UNSEEN = "the local model no longer sees what is above this line"

NOTHING_TO_DO = {
    "stop": "No reply is being written",
    "continue": "No reply to continue",
    "thoughts": "This conversation has no thoughts",
    "cancel": "Nothing is being downloaded or loaded",
    "retry": "Nothing to resume or load again",
    "undo_delete": NOTHING_TO_UNDO,
}
"""For each command that can do nothing now."""


def forked(*, is_private: bool) -> str:
    """Return what is said once a conversation was forked."""
    return f"Forked. {'It is private too.' if is_private else 'The original is under F3.'}"


def deleted(title: str, key: str, *, has_reply: bool) -> str:
    """Return what is said once a message was deleted, by its first words."""
    what = f"“{title}” and its reply" if has_reply else f"“{title}”"
    return f"Deleted {what} · {key} undoes"


def later_turns(count: int, version: int, keys: str) -> str:
    """Return which later turns another version of a message has, and how to get there."""
    turns, them = ("1 later turn is", "it") if count == 1 else (f"{count} later turns are", "them")
    return f"{turns} on version {version} · {keys} {them}"


def code_block(number: int, count: int) -> str:
    """Return what a code block is called, of ``count`` in its message."""
    return f"Code block {number} of {count}" if count > 1 else "The code block"


# The composer and its commands

SLASH_ALONE = "Type the name of a command after the slash; /help lists them"
NO_TERMINAL_FOR_EDITOR = "An editor cannot run in this terminal"
NO_EDITOR = "No editor is set: export EDITOR, for example EDITOR=nano"


def does_nothing(usage: str) -> str:
    """Return what is said of a command that can do nothing where the user is."""
    return f"{usage} does nothing here"


def no_argument(usage: str) -> str:
    """Return what is said of a word after a command that takes none."""
    return f"{usage} takes no argument. To send it as text, begin with //"


def argument_missing(usage: str) -> str:
    """Return what is said of a command without the word that it needs."""
    return f"Write it after the command: {usage}"


def no_command(word: str, meant: str) -> str:
    """Return what is said of a command that there is not."""
    return f"There is no command {word}{meant or '.'} To send it as text, begin with //"


def no_such_side(word: str) -> str:
    """Return what is said of a side that ``/retry`` does not know."""
    return f"/retry {word}: write claude, local or nothing"


def editing(key: str) -> str:
    """Return the composer's title while an earlier question is edited."""
    return f"Editing an earlier question{f' · {key} cancels' if key else ''}"


def editor_ended(status: int) -> str:
    """Return what is said of an editor that failed."""
    return f"The editor ended with status {status}; your draft is unchanged"


def no_such_editor(command: str, error: Exception) -> str:
    """Return what is said of an editor that cannot be started."""
    return f"“{command}” cannot be used as an editor: {error}"


# The local model

MODEL_READY = "The model is ready: Enter sends your question."
IN_USE = "It is in use now"
DOWNLOAD_ENDED = "The download stopped unexpectedly; it can be resumed"


def already_in_use(label: str) -> str:
    """Return what is said of a model that is loaded already."""
    return f"{label} is already in use"


def no_such_model(name: str, meant: str = "") -> str:
    """Return that no model is called so, with what may be meant."""
    return f"No model called “{name}”{meant}"


def several_models(repo: str | None, count: int) -> str:
    """Return why no model of a repository was chosen."""
    return f"{repo} has {count} models to choose from"


def too_big_for_card(label: str) -> str:
    """Return what is told while less of a model is loaded onto the card."""
    return f"{label} does not fit into the graphics card's memory: loading less of it there"


def too_big_for_machine(label: str, needed: str, total: str) -> str:
    """Return why a model cannot be loaded at all; sizes are for people."""
    return f"{label} needs {needed} and this machine has {total}: choose a smaller model"


def still_downloading(key: str) -> str:
    """Return why a model's files are not deleted."""
    return f"Still downloading: {key} cancels it first"


def delete_question(what: str, size: str, *, is_whole: bool = True) -> str:
    """Return what is asked before files of a model are deleted."""
    what = what if is_whole else f"the partial download of {what}"
    return f"Delete {what} from this disk? It frees {size}."


# Files, links and faults

NO_FILE_NAME = "Type the name of the file first"


def no_file(path: object) -> str:
    """Return that a file is not there."""
    return f"There is no file {path}"


def no_folder(folder: object) -> str:
    """Return that a folder is not there."""
    return f"There is no folder {folder}: choose another place"


def not_written(path: object, reason: str) -> str:
    """Return why a file was not written."""
    return f"{path} cannot be written: {reason}"


def not_a_place(name: str, error: Exception) -> str:
    """Return why a file cannot be saved under a name."""
    return f"“{name}” is not a place to save in: {error}"


def overwrite_question(name: str) -> str:
    """Return what is asked before a file is overwritten."""
    return f"{name} exists. Overwrite it?"


def not_opened_link(address: str) -> str:
    """Return why a link is not opened."""
    return f"Only web and mail addresses are opened, and not this: {address}"


def no_browser(name: str, address: str) -> str:
    """Return that the system's opener of links is missing."""
    return f"There is no browser here ({name} is missing): {address}"


def browser_not_started(address: str) -> str:
    """Return that the browser cannot be started."""
    return f"The browser does not start: {address}"


def browser_failed(address: str) -> str:
    """Return that the browser opened nothing."""
    return f"No browser could be opened; the address is {address}"


def inside(error: BaseException, where: object = "the log file") -> str:
    """Return what is said of a fault of the program's own."""
    return f"Something went wrong inside ({type(error).__name__}); {where} says more"
