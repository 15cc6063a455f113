"""What is said when the conversations' file, or an export, cannot be written or read.

Of an export, ``where`` names the place in it, such as ``Conversation 2``.
"""

from enum import Enum, auto

SAVED_AGAIN = "Saving works again: nothing was lost"
_UNPACK = "unpack it, then import its conversations.json"
ARCHIVE_TOO_BIG = f"This archive is too big: {_UNPACK}"
ARCHIVE_UNREADABLE = f"This archive cannot be opened: {_UNPACK}"
ARCHIVE_EMPTY = "There is no conversations.json in this archive"
ARCHIVE_NO_JSON = "The conversations.json in this archive is not JSON"


class Fault(Enum):
    """A kind of trouble with the file."""

    FULL = auto()
    NOT_WRITABLE = auto()
    BUSY = auto()
    DISK = auto()
    DAMAGED = auto()
    NEWER = auto()
    """A later version of the program wrote it."""
    INTERRUPTED = auto()
    OTHER = auto()
    """The statement's own; the next one may well do."""

    @property
    def may_pass(self) -> bool:
        return self in (Fault.FULL, Fault.NOT_WRITABLE, Fault.BUSY, Fault.DISK)


def write_sentence(fault: Fault, path: object) -> str:
    match fault:
        case Fault.FULL:
            return "The disk is full: free some space, then this conversation is saved too"
        case Fault.NOT_WRITABLE:
            return f"{path} cannot be written: this conversation is lost when you quit"
        case Fault.BUSY:
            return f"Another program has locked {path}: this conversation is saved when it is free"
        case _:
            return f"The disk cannot write {path}: this conversation may be lost when you quit"


def read_fact(fault: Fault, path: object) -> str:
    match fault:
        case Fault.DAMAGED:
            return f"{path} is damaged: start again"
        case Fault.BUSY:
            return f"Another program has locked {path}"
        case Fault.FULL:
            return f"The disk is full, and {path} cannot be opened: free some space, then try again"
        case _:
            return f"{path} cannot be read"


def read_sentence(fault: Fault, path: object) -> str:
    more = {
        Fault.DAMAGED: "; it is then set aside for a new one",
        Fault.BUSY: "; try again",
        Fault.FULL: "",
    }
    return read_fact(fault, path) + more.get(fault, "; check the disk and try again")


def check_advice(fault: Fault) -> str:
    """Return what the doctor says can be done about a file that cannot be used."""
    match fault:
        case Fault.NEWER:
            return "update shammah"
        case Fault.BUSY | Fault.FULL:
            return "end the other program, or free some space, then check again"
        case _:
            return "start shammah: it repairs the file, or sets it aside and says where"


def newer_fact(path: object) -> str:
    return f"{path} was written by a newer Shammah"


def newer_sentence(path: object) -> str:
    return f"{newer_fact(path)}: update Shammah to read it"


def mended_sentence(path: object) -> str:
    return f"{path} was damaged and has been repaired: nothing was lost"


def lost_sentence(aside: object) -> str:
    return (
        f"The conversations' file was damaged: it was moved to {aside}, and a new one was started"
    )


def not_opened_sentence(path: object, reason: str | None) -> str:
    return f"{path} cannot be opened ({reason})"


# An export

NO_FILE_CONTENT = "This file is empty: choose another one"
NO_EXPORT = (
    "This file is no export of `shammah export --all --format json`, ChatGPT, Claude or LibreChat"
)
NO_VERSION = "This export says no version; export it again"
NEWER = "This export was made by a newer Shammah: update Shammah to read it"
TWO_CONVERSATIONS = "The export has two conversations with one id"
TWO_MESSAGES = "The export has two messages with one id"
TOO_DEEP = "it is nested too deep"


def no_json(reason: str) -> str:
    return f"This is not a JSON file: {reason}"


def unknown_form(program: str) -> str:
    return f"This is a {program} export, of a form this version does not know"


def no_list(where: str, key: str) -> str:
    return f"{where} has no list of {key}"


def no_object(where: str) -> str:
    return f"{where} is not an object"


def missing(where: str, key: str) -> str:
    return f"{where} has no {key}"


def unusable(where: str, key: str) -> str:
    return f"{where} has a {key} that cannot be used"


def strange_leaf(where: str) -> str:
    return f"{where} has a leaf that is none of its messages"


def strange_parent(where: str) -> str:
    return f"{where} has a message whose parent does not come before it"
