"""What ``shammah doctor`` says: of each host a row for each trouble, then a subject at a time.

What has two parts is what was found, and what to do.
"""

from shammah_tui.core.doctor.hosts import HostResult, Trouble
from shammah_tui.core.settings.key_places import KeyPlace, KeyringTrouble
from shammah_tui.core.wording.claude import no_key as keyring_has_key

_CERTIFICATES = (
    "check this machine's clock; where traffic is inspected: "
    "export SSL_CERT_FILE=/path/to/its-certificates.pem"
)


def host_sentence(result: HostResult) -> str:
    """Return how it went, one line without a full stop."""
    return _words(result)[0]


def host_advice(result: HostResult) -> str:
    """Return what to do about it, one line; empty where it went well."""
    return _words(result)[1]


def _words(result: HostResult) -> tuple[str, str]:
    host, address = result.host, result.host.address
    way = f" through the proxy {host.proxy}" if host.proxy else ""
    detail = f" ({result.detail})" if result.detail else ""
    own = "" if host.is_default else f" and {host.setting}"
    network = f"check the network{own}; behind a proxy: export HTTPS_PROXY=http://HOST:PORT"
    sign_in = f"sign in to this network in a browser, or correct {host.setting}"
    match result.trouble:
        case None:
            return f"{address} answers in {round(result.elapsed_s * 1000)} ms{way}{detail}", ""
        case Trouble.BAD_ADDRESS:
            advice = f"correct {host.setting}: it must begin with http:// or https://"
            return f"{host.setting} is not a valid address", advice
        case Trouble.VARIABLE:
            advice = result.advice or "correct that variable"
            return f"{address} cannot be asked: {result.detail}", advice
        case Trouble.NO_NAME:
            return f"the name of {address} cannot be looked up (DNS)", network
        case Trouble.NO_ROUTE:
            advice = "connect this machine to a network"
            return f"{address} cannot be reached: this machine seems to be offline", advice
        case Trouble.REFUSED:
            advice = f"start the server there, or correct {host.setting}"
            return f"{address} refuses the connection", network if host.is_default else advice
        case Trouble.SILENT:
            return f"{address} does not answer within {result.elapsed_s:.0f} s{way}", network
        case Trouble.UNTRUSTED:
            return (
                f"the TLS certificate of {address} is not trusted{detail}",
                _CERTIFICATES,
            )
        case Trouble.NO_TLS:
            return f"{address} does not use TLS correctly{detail}", sign_in
        case Trouble.BROKEN:
            advice = "try again; if it stays so, a firewall or proxy is in the way"
            return f"the connection to {address} was lost{way}{detail}", advice
        case Trouble.PROXY:
            advice = f"correct {host.proxy_variable}, or name the host in NO_PROXY"
            return f"the proxy {host.proxy} cannot reach {address}{detail}", advice
        case Trouble.STRANGER:
            return f"something else answers instead of {host.name} at {address}{detail}", sign_in
        case Trouble.SERVER_ERROR:
            return f"{address} has an internal error{detail}", "try again in a few minutes"
        case Trouble.KEY_REFUSED:
            return f"{address} answers and refuses the key", "copy the key again and set it"


# llama.cpp, the machine and its cards

MODELS_ON_PROCESSOR = "none usable: models run on the processor"
NVIDIA_SILENT = "there is an NVIDIA card, but NVIDIA's driver does not answer"
INSTALL_NVIDIA = "install NVIDIA's driver, then try: nvidia-smi"
UPDATE_DRIVER = "update the card's driver: llama.cpp is built for a newer one"
SHARED_MEMORY = "shares the machine's memory"
PROCESSOR_ONLY = "the processor only"


def not_installed(package: str) -> str:
    return f"{package} is not installed: no model runs on this machine"


def does_not_open(name: str, reason: str) -> str:
    return f"{name} does not open: {reason}"


def built_for(name: str, supports: str) -> str:
    return f"{name} · for {supports}"


def machine(cores: int, total: str, free: str) -> str:
    return f"{cores} core{'s' if cores > 1 else ''} · {total} of memory, {free} free"


def card_memory(total: str, free: str) -> str:
    return f"{total}, {free} free"


def unseen_card(card: str, backend: str) -> str:
    return f"{card}, but llama.cpp does not see it although it is built for {backend}"


def idle_card(card: str, backend: str, toolkit: str) -> str:
    return (
        f"{card} · idle: this llama.cpp has no {backend} support; "
        f"building one with it needs {toolkit}"
    )


# The model

CLOSE_PROGRAMS = "close other programs, or use Claude alone"


def served_by(host: str) -> str:
    return f"served by {host}"


def wrong_model(problem: str, *, is_set: bool) -> str:
    return f"{'correct it' if is_set else 'choose another (F2)'}: {problem}"


def outlook(
    label: str, context_length: int, need: str, budget: str, layers: int | None, where: str
) -> str:
    needs = f"needs {need}, " if need else ""
    on_card = "" if layers is None else f" · {layers} layers on the card"
    return (
        f"{label} with {context_length} tokens of context · {needs}{budget} available · {where}"
        f"{on_card}"
    )


def where_it_is(missing: str, *, is_here: bool) -> str:
    if is_here:
        return "on this disk"
    return f"not downloaded yet ({missing})" if missing else "not downloaded yet"


# The key, and a server's models


def no_key(keyring: KeyringTrouble | None) -> tuple[str, str]:
    if keyring is None:
        says = "ANTHROPIC_API_KEY is not set: make a key in Anthropic's console to have Claude "
        return f"{says}reply", "give it with /key in the chat, or export ANTHROPIC_API_KEY=…"
    error = keyring_has_key(keyring)
    return error.fact, error.advice


def bad_key(where: str, name: str, slip: str) -> tuple[str, str]:
    if name:
        return f"{name} has {slip}", f"copy the key again: export {name}=…"
    return f"{where}, has {slip}", "copy the key again and give it with /key"


def key_place(place: KeyPlace, name: str, path: str) -> str:
    if name:
        return f"{name} is set"
    where = path if place is KeyPlace.FILE else "the system's keyring"
    return f"given with /key, kept in {where}"


def other_models(address: str, model: str, served: str) -> tuple[str, str]:
    says = f"{address} has no model {model} ({served})"
    return says, "correct model under [endpoint] in the settings file"


# The program and its files

ANOTHER_FOLDER = "correct its owner, or name another folder: export HF_HUB_CACHE=/path/to/folder"
BIGGER_DISK = "shammah models rm WHAT, or name a bigger disk: export HF_HUB_CACHE=/path/to/folder"
SAVE_READABLE = "shammah export --all -o backup.json keeps what can be read"


def program(version: str, python: str, system: str) -> str:
    return f"shammah {version} · Python {python} · {system}"


def no_settings(path: str) -> str:
    return f"{path} (not there; defaults are used)"


def settings_problems(path: str, count: int) -> tuple[str, str]:
    return f"{path} · {count} to correct:", f"edit {path}"


def no_log(path: str) -> tuple[str, str]:
    says = f"{path} cannot be written: nothing is logged"
    return says, f"mkdir -p {path}, or correct its owner"


def cache(path: str, used: str, free: str) -> str:
    return f"{path} · {used} there{f' · {free} free on the disk' if free else ''}"


def cache_not_writable(path: str) -> str:
    return f"{path} cannot be written"


def cache_too_small(cache: str, missing: str) -> str:
    return f"{cache}, and {missing} still have to be downloaded"


def no_conversations(path: str) -> str:
    return f"{path} (not there yet)"


def conversations(path: str, count: int, damaged: int) -> str:
    said = f"{path} · {count} conversation{'' if count == 1 else 's'}"
    return f"{said} · {damaged} damaged texts, shown with [damaged]" if damaged else said


# The terminal

NO_TERMINAL = "standard input or output is not a terminal: not checked"
SET_TERM = "export TERM=xterm-256color"
SET_UTF8 = "export LANG=C.UTF-8"
SET_COLOURS = "if this terminal has 24-bit colour: export COLORTERM=truecolor"
SILENT_TERMINAL = "the terminal does not answer questions about keys and pasting"
SINGLE_LINES = "paste single lines only: each pasted line end would send the message"
CLIPBOARD = "copying reaches the clipboard (OSC 52, likely)"
TMUX_CLIPBOARD = (
    "inside tmux, copying reaches the clipboard (OSC 52) only where tmux lets it",
    "tmux set -s set-clipboard on",
)
NO_CLIPBOARD = (
    "copying may not reach the clipboard: this terminal is not known to take OSC 52",
    "allow programs to set the clipboard (OSC 52) in the terminal's settings",
)


def terminal(term: str, name: str, size: str) -> str:
    said = f"{term or 'TERM is not set'}{f' ({name})' if name else ''}"
    return f"{said} · {size}" if size else said


def no_screen(terminal: str) -> str:
    return f"{terminal} · no screen"


def small(terminal: str) -> str:
    return f"{terminal} · small"


def enlarge(columns: int, rows: int) -> str:
    return f"make the window at least {columns}×{rows}"


def drawing(colours: str, encoding: str, synchronized: bool | None) -> str:
    return f"{colours} · {encoding} · synchronized output: {_ability(synchronized)}"


def keys(kitty: bool | None, bracketed_paste: bool | None) -> str:
    lacks = "" if kitty else " (ctrl+j begins a new line, shift+enter does not)"
    paste = _ability(bracketed_paste)
    return f"Kitty keyboard protocol: {_ability(kitty)}{lacks} · bracketed paste: {paste}"


def _ability(ability: bool | None) -> str:
    return "not told" if ability is None else "yes" if ability else "no"


# The verdict

NOBODY_ANSWERS = (
    "nothing can answer yet",
    "fix what is marked ✗ above, or set a key for Claude: one side is enough",
)


def ready(*, claude: bool, local: bool) -> str:
    who = [name for name, can in (("Claude", claude), ("the local model", local)) if can]
    return f"ready to chat: {' and '.join(who)} can answer"
