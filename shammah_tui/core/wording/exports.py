"""Why a file is not imported; ``where`` names the place in it, such as ``Conversation 2``."""

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
