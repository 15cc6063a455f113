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

NO_TEXT_YET = "There is no text yet"
NO_CODE = "There is no code block in this message"
SHOWN_IN_FULL = "This message is shown in full"
NO_RECEIPT = "Only a reply has a receipt"
NOT_EDITABLE = "Only a question can be edited"
NO_EARLIER = "There is no earlier version"
NO_LATER = "There is no later version"
NOT_SAVED = "This message isn't saved yet, so that isn't possible"
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
    return f"Forked. {'It is private too.' if is_private else 'The original is under F3.'}"


def deleted(title: str, key: str, *, has_reply: bool) -> str:
    what = f"“{title}” and its reply" if has_reply else f"“{title}”"
    return f"Deleted {what} · {key} undoes"


def later_turns(count: int, version: int, keys: str) -> str:
    turns, them = ("1 later turn is", "it") if count == 1 else (f"{count} later turns are", "them")
    return f"{turns} on version {version} · {keys} {them}"


def code_block(number: int, count: int) -> str:
    return f"Code block {number} of {count}" if count > 1 else "The code block"


# The composer and its commands

SLASH_ALONE = "Type the name of a command after the slash; /help lists them"
NO_TERMINAL_FOR_EDITOR = "An editor cannot run in this terminal"
NO_EDITOR = "No editor is set: export EDITOR, for example EDITOR=nano"


def does_nothing(usage: str) -> str:
    return f"{usage} does nothing here"


def no_argument(usage: str) -> str:
    return f"{usage} takes no argument. To send it as text, begin with //"


def argument_missing(usage: str) -> str:
    return f"Write it after the command: {usage}"


def no_command(word: str, meant: str) -> str:
    return f"There is no command {word}{meant or '.'} To send it as text, begin with //"


def no_such_side(word: str) -> str:
    return f"/retry {word}: write claude, local or nothing"


def editing(key: str) -> str:
    return f"Editing an earlier question{f' · {key} cancels' if key else ''}"


def editor_ended(status: int) -> str:
    return f"The editor ended with status {status}; your draft is unchanged"


def no_such_editor(command: str, error: Exception) -> str:
    return f"“{command}” cannot be used as an editor: {error}"


# The local model

MODEL_READY = "The model is ready: Enter sends your question."
MODEL_UNLOADED = "The local model was unloaded: load it again."
IN_USE = "It is in use now"
DOWNLOAD_ENDED = "The download stopped unexpectedly; it can be resumed"


def already_in_use(label: str) -> str:
    return f"{label} is already in use"


def no_such_model(name: str, meant: str = "") -> str:
    return f"No model called “{name}”{meant}"


def no_listed_model(name: str, meant: str) -> str:
    return f"{no_such_model(name, meant or '.')} /model opens the list."


def too_big_for_card(label: str) -> str:
    return f"{label} does not fit into the graphics card's memory: loading less of it there"


def too_big_for_machine(label: str, needed: str, total: str) -> str:
    return f"{label} needs {needed} and this machine has {total}: choose a smaller model"


def downloaded_elsewhere(name: str) -> str:
    return f"Another program is downloading {name}: stop that first"


def in_llama_cache(path: object) -> str:
    return f"{path} is in llama.cpp's own cache: delete it there"


def still_downloading(key: str) -> str:
    return f"Still downloading: {key} cancels it first"


def delete_question(what: str, size: str, *, is_whole: bool = True) -> str:
    what = what if is_whole else f"the partial download of {what}"
    return f"Delete {what} from this disk? It frees {size}."


# Keys and themes


def what_ends(stop_key: str, quit_key: str, *, is_replying: bool) -> str:
    return f"{stop_key} stops the reply" if is_replying else f"{quit_key} quits Shammah"


def key_clash(key: str, first: str, other: str) -> str:
    return f"[keys] {key} is bound to both {first} and {other}; using {first}"


def no_theme(name: str, meant: str) -> str:
    return f"There is no theme {name}{meant or '.'} /theme lists them"


def theme_not_kept(name: str, setting: str) -> str:
    return f"{name} for this session{f'; the settings set {setting}' if setting else ''}"


# Panels

ENTER_SAVES = "Enter saves · Esc cancels"
ENTER_CHOOSES = "Enter chooses · Esc cancels"
ENTER_EXPORTS = "Enter exports · Tab, arrows and Space choose · Esc cancels"
TAB_COMPLETES = "Tab completes the path · Enter adds it · Esc cancels"
NO_HELP_FOUND = "Nothing found. Delete a letter, or press Esc to close."

FILTERS = "Filters: from:claude  model:qwen  before:2026-11-03  in:bin"
BIN = "Deleted conversations are kept for 30 days · Enter restores one · ^t closes the bin"
EMPTY_BIN = "The bin is empty · ^t closes it"

ADD_LORA = "Add a LoRA adapter: a GGUF file on this disk"
LORAS_NEED_MODEL = "LoRA adapters are applied once a model is loaded."
NO_LORA_ON = "No LoRA adapter is on: the model is unchanged."


def keys_setting(ids: str) -> str:
    return f'Other keys for a command, such as stop = "f4". Their names: {ids}'


def nothing_found(unknown_filter: str, *, has_filter: bool) -> str:
    why = " · a filter looks at each message by itself" if has_filter else ""
    if unknown_filter:
        why = f" · there is no filter {unknown_filter}"
    return f"Nothing was found{why}"


def no_loras(folder: str, *, has_found: bool) -> str:
    choose = "Choose one above, press a" if has_found else "Press a"
    return f"No LoRA adapters yet. {choose} to add one, or put files in {folder}"


def save_code(number: int, count: int) -> str:
    which = f" {number} of {count} (↑ and ↓ choose)" if count > 1 else ""
    return f"Save code block{which} as"


# Files, links and faults

NO_FILE_NAME = "Type the name of the file first"


def no_file(path: object) -> str:
    return f"There is no file {path}"


def check_path(path: object) -> str:
    return f"{no_file(path)}: check the path"


def unreadable(path: object, reason: str) -> str:
    return f"{path} cannot be read: {reason}"


def lora_is_folder(path: object) -> str:
    return f"{path} is a folder: choose a .gguf file in it"


def not_gguf(name: str) -> str:
    return f"{name} is not a GGUF file: convert it with llama.cpp's convert_lora_to_gguf.py"


def not_a_lora(name: str) -> str:
    return f"{name} is a GGUF file, but not a LoRA adapter: choose another file"


def no_folder(folder: object, *, is_makeable: bool = False) -> str:
    make = "make it, or " if is_makeable else ""
    return f"There is no folder {folder}: {make}choose another place"


def not_written(path: object, reason: str) -> str:
    return f"{path} cannot be written: {reason}"


def not_a_place(name: str, error: Exception) -> str:
    return f"“{name}” is not a place to save in: {error}"


def overwrite_question(name: str) -> str:
    return f"{name} exists. Overwrite it?"


def not_opened_link(address: str) -> str:
    return f"Only web and mail addresses are opened, and not this: {address}"


def no_browser(name: str, address: str) -> str:
    return f"There is no browser here ({name} is missing): {address}"


def browser_not_started(address: str) -> str:
    return f"The browser does not start: {address}"


def browser_failed(address: str) -> str:
    return f"No browser could be opened; the address is {address}"


def inside(error: BaseException, where: object = "the log file") -> str:
    return f"Something went wrong inside ({type(error).__name__}); {where} says more"
