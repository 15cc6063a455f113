"""What is said of Claude's key, and where its API, or the way there, fails in a known way."""

from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.settings.key_places import ForgottenKey, KeptKey, KeyPlace, KeyringTrouble
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.troubles import GIVE_KEY, NO_KEY, claude_trouble

_START_AGAIN = "then start again"
_KEYRING = {
    KeyringTrouble.NONE: "this system has no keyring",
    KeyringTrouble.SILENT: "the system's keyring does not answer",
    KeyringTrouble.LOCKED: "the system's keyring is locked",
    KeyringTrouble.FAILED: "the system's keyring fails",
    KeyringTrouble.LOST: "the system's keyring has lost it",
}
_UNLOCK = {
    KeyringTrouble.SILENT: "unlock it and start again, or ",
    KeyringTrouble.LOCKED: "unlock it and start again, or ",
}

KEY_PANEL = "Claude key"
KEY_PANEL_TEXT = (
    "Paste a key from Anthropic's console (console.anthropic.com). Claude's API is asked whether "
    "it is good, which costs nothing. It is kept in the system's keyring, or in a file that only "
    "you can read; /key forget deletes it."
)
KEY_PANEL_KEYS = "Enter checks and keeps it · Esc cancels"
CHECKING_KEY = "Checking the key…"
NO_KEY_TYPED = "Paste a key first"
CLAUDE_ANSWERS = "Claude answers from now on."
_KEEP_ANYWAY = "Enter again keeps it unchecked."


def environment_first(variable: str) -> str:
    """The environment has a key already."""
    return f"{variable} is set and comes first: a key from here is used when it is not set."


def key_trouble(error: BackendError, *, may_keep: bool) -> str:
    """Why a key was not taken, and whether it can be kept all the same."""
    if may_keep:
        return f"The key could not be checked: {error.fact}. {_KEEP_ANYWAY}"
    return f"{error.sentence_of_fact}: copy it again."


def key_kept(kept: KeptKey, variable: str, *, is_checked: bool) -> str:
    """A key was given: who answers, and where it is kept.

    Args:
        kept: Where.
        variable: The environment's variable that has another key; empty where none has.
        is_checked: Whether the API took it.
    """
    first = CLAUDE_ANSWERS if is_checked else "Claude is asked with this key from now on."
    if variable:
        first = f"Claude is still asked with {variable}, which comes first."
    match kept.place:
        case KeyPlace.KEYRING:
            return f"{first} The key is in the system's keyring; /key forget deletes it."
        case KeyPlace.FILE:
            why = _capitalised(_KEYRING[kept.keyring or KeyringTrouble.NONE])
            return (
                f"{first} {why}: the key is in {kept.path}, which only you can read; /key forget "
                "deletes it."
            )
        case _:
            why = f": {kept.path} cannot be written ({kept.reason})" if kept.reason else ""
            return f"{first} The key is kept only until you quit{why}."


def key_forgotten(forgotten: ForgottenKey, variable: str) -> str:
    """What became of the kept key, and which one is used now.

    Args:
        forgotten: Where it was.
        variable: The environment's variable that has another key; empty where none has.
    """
    names = {KeyPlace.KEYRING: "the system's keyring", KeyPlace.FILE: forgotten.path}
    places = " and ".join(names[place] for place in forgotten.places)
    said = [f"The key is deleted from {places}." if places else "No key is kept."]
    if forgotten.keyring is not None:
        trouble = _capitalised(_KEYRING[forgotten.keyring])
        said = [
            *(said if places else []),
            f"{trouble}: delete “shammah” there, if it has that.",
        ]
    if forgotten.reason:
        said.append(f"{forgotten.path} cannot be deleted ({forgotten.reason}): delete it yourself.")
    if variable:
        said.append(f"{variable} is still set: Claude is asked with that.")
    elif places:
        said.append("/key takes another.")
    return " ".join(said)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def variable_trouble(error: VariableError) -> BackendError:
    advice = f"{error.advice}, {_START_AGAIN}"
    return BackendError(BackendProblem.UNREACHABLE, error.fact, advice)


def not_an_address() -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        "ANTHROPIC_BASE_URL is not an address",
        f"correct it so that it begins with https://, {_START_AGAIN}",
    )


def proxy_fails(variable: str, address: str) -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"Claude cannot be reached through the proxy {address}, which {variable} names",
        "check that proxy, or name the host in NO_PROXY and start again",
    )


def silent() -> BackendError:
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API does not answer")


def not_reached() -> BackendError:
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API cannot be reached")


def broken_off() -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE, "the connection to Claude's API was lost", "send it again"
    )


def not_the_api() -> BackendError:
    return claude_trouble(
        BackendProblem.SERVER_ERROR,
        "what answered is not Claude's API",
        "check ANTHROPIC_BASE_URL, or sign in to the network",
    )


def no_client(kind: str) -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"the client for Claude cannot be made ({kind})",
        f"look into the log file, {_START_AGAIN}",
    )


def key_slip(variable: str, slip: str) -> BackendError:
    """The key is none, for a slip in copying it; ``variable`` is empty where it was given here."""
    again = f"copy it again and {'start again' if variable else GIVE_KEY}"
    fact = f"{variable or 'the key'} has {slip}"
    return claude_trouble(BackendProblem.BAD_KEY, fact, again)


def key_refused(variable: str) -> BackendError:
    """The API does not know the key; ``variable`` as in ``key_slip``."""
    advice = f"check {variable}, {_START_AGAIN}" if variable else ""
    return claude_trouble(BackendProblem.BAD_KEY, advice=advice)


def no_key(keyring: KeyringTrouble | None) -> BackendError:
    """There is none, or the keyring does not give it."""
    if keyring is None:
        return BackendError(BackendProblem.NO_KEY, NO_KEY)
    fact = f"Claude's key cannot be read ({_KEYRING[keyring]})"
    advice = f"{_UNLOCK.get(keyring, '')}{GIVE_KEY}"
    return claude_trouble(BackendProblem.NO_KEY, fact, advice)


def not_allowed(reason: str) -> BackendError:
    why = f"Claude's API does not allow this with your key ({reason or 'access is denied'})"
    return claude_trouble(BackendProblem.BAD_KEY, why, "correct that, or take another key")


def rate_limited(when: str) -> BackendError:
    """``when`` is such as ``in 20 s``."""
    return claude_trouble(BackendProblem.RATE_LIMITED, advice=f"send it again {when}")


def internal_error(status: int) -> BackendError:
    number = f" ({status})" if status >= 400 else ""
    fact = f"Claude's API had an internal error{number}"
    return claude_trouble(BackendProblem.SERVER_ERROR, fact)


def no_such_model(model: str) -> BackendError:
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude's API has no model “{plain(model)}”",
        "set model under [claude] in config.toml and send it again",
    )


def too_long(*, is_first: bool) -> BackendError:
    """``is_first`` says that it is the first question alone."""
    fact, advice = ("the question is too long for Claude", "shorten it") if is_first else ("", "")
    return claude_trouble(BackendProblem.CONTEXT_TOO_LONG, fact, advice)


def refused(reason: str) -> BackendError:
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude refused the request ({reason})",
        "correct that and send it again",
    )
