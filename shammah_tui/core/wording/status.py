"""The generator's state in words, as parts that give way when room is short, and the header."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shammah_tui.core.conversation.titles import fitted_title
from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    Initializing,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAgreed,
    NotAvailable,
    NotLoaded,
    Offline,
    Ready,
    SeveralThere,
    TooLittleMemory,
)
from shammah_tui.core.model.hardware import Gpu
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import Checked, Waiting
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.core.text.plain_text import cell_width, plain, truncate
from shammah_tui.core.text.units import (
    format_duration,
    format_percent,
    format_rate,
    format_size,
    format_sizes,
    format_tokens,
)
from shammah_tui.core.wording.troubles import state_words

SHOWN_WARMING_TOKENS = 100
"""Fewer are read before anybody has seen the words."""

LEAD = 0
"""Priority of what is never left out, only cut."""
_TOLD = 1
"""The least important priority that the title makes room for while another model comes."""
_NAME_CELLS = 16
"""A model's name is cut to this many cells before anything is left out for it."""
_NOTE_CELLS = 24
"""What a download waits for is cut to this many cells (``waiting for the network`` takes 23)."""
_REASON_CELLS = 16
"""A failure's reason is cut to this many cells before the key that retries is left out."""

TITLE_GAP = 3
LEAST_TITLE = 20
"""Cells of a title; less says nothing."""
ROOMY = 62
"""Cells from which on the state's words make room for that."""

_WIDEST = 10_000
STARTER_ANSWERS = "the starter answers"


@dataclass(frozen=True, slots=True)
class StatusKeys:
    """Names of the keys that the wording mentions, as they are bound now."""

    cancel: str = "F8"
    retry: str = "F9"
    models: str = "F2"
    send: str = "Enter"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the status line: plain text without control characters, never markup.

    Attributes:
        text: What it says.
        priority: The higher, the earlier it is left out; ``LEAD`` stays.
        joiner: What stands between it and the part before it.
        shrink_to: Cells to which it may be cut before any part is left out; None: not cut.
    """

    text: str
    priority: int = LEAD
    joiner: str = " · "
    shrink_to: int | None = None

    @property
    def least_cells(self) -> int:
        """Cells that it takes at least, without its joiner."""
        cells = cell_width(self.text)
        return cells if self.shrink_to is None else min(cells, self.shrink_to)


def progress(state: GeneratorState) -> float | None:
    """Return how full the bar is, from 0 to 1, or None where there is no bar to show."""
    match state:
        case Downloading() | Loading():
            return state.fraction
        case NotAvailable(DownloadCancelled(_, done_bytes, total_bytes)) if total_bytes:
            return done_bytes / total_bytes
        case _:
            return None


def status_parts(
    state: GeneratorState,
    keys: StatusKeys,
    *,
    claude_available: bool,
    idle_gpus: tuple[Gpu, ...] = (),
    context_use: ContextUse | None = None,
    warming_tokens: int = 0,
    active: Ready | None = None,
    next_rung: ModelSpec | None = None,
) -> tuple[Part, ...]:
    """Return ``state`` in words.

    Args:
        state: The newest state.
        keys: What the keys are called now.
        claude_available: Whether questions can go to Claude (a key is set); where they cannot,
            nothing here promises it.
        idle_gpus: Cards that this build of the engine cannot use, the biggest first.
        context_use: How full the context is; None while that is not known.
        warming_tokens: How many tokens of the conversation are being read ahead.
        active: What replies now, also while another model is brought up.
        next_rung: What comes by itself after the model of ``state``.
    """
    follows = () if next_rung is None else (Part(f"{plain(next_rung.label)} next", 4),)
    replies = active is not None and not active.model.is_starter
    by_starter = active is not None and not replies and not claude_available
    starter = (Part(STARTER_ANSWERS, 2),) if by_starter else ()
    if active is not None and replies and not isinstance(state, Ready):
        ready = Part(f"✓ {plain(active.model.label)} ready", 1)
        return (ready, *_beside(status_parts(state, keys, claude_available=True), state), *follows)
    match state:
        case Initializing():
            return (Part("Starting…"),)
        case Downloading():
            return (*_downloading(state), *starter, *follows)
        case Loading():
            return (*_loading(state), *starter, *follows)
        case Ready():
            memory = _memory(context_use, warming_tokens)
            return (*_ready(state, idle_gpus), *follows, *memory)
        case Failed():
            return (*_failed(state, keys), *starter)
        case NotAvailable(DownloadCancelled() | LoadCancelled()):
            return (*_not_available(state, keys, claude_available=claude_available), *starter)
        case NotAvailable():
            said = STARTER_ANSWERS if by_starter else "no Claude key is set"
            return _not_available(state, keys, said, claude_available=claude_available)


def _beside(parts: tuple[Part, ...], state: GeneratorState) -> tuple[Part, ...]:
    """Return a state's words as they follow what is said of another model."""
    lead, *rest = parts
    match state:
        case Failed(ModelSpec(label=label)):
            lead = replace(lead, text=f"✗ {plain(label)} failed:")
        case NotAvailable(
            DownloadCancelled(ModelSpec(label=label)) | LoadCancelled(ModelSpec(label=label))
        ):
            named = Part(plain(label), shrink_to=_NAME_CELLS)
            return (named, Part("cancelled", joiner=" "), *rest)
        case NotAvailable(NotAgreed()):
            return (lead, rest[0], rest[-1])
        case Initializing() | Loading() | Downloading(pause=None):
            lead = replace(lead, text=lead.text[:1].lower() + lead.text[1:])
        case _:
            pass
    return (lead, *rest)


def fit(parts: tuple[Part, ...], width: int) -> str:
    """Return ``parts`` as one line of at most ``width`` cells.

    Parts that may shrink do so first, then the least important parts are left out one by one, and
    at the very last what remains is cut.
    """
    kept = list(parts)
    while _least_cells(kept) > width:
        least = max(kept, key=lambda part: part.priority)
        if least.priority == LEAD:
            break
        kept.remove(least)
    spare = width - _least_cells(kept)
    pieces: list[str] = []
    for part in kept:
        text = part.text
        if part.shrink_to is not None and cell_width(text) > part.shrink_to:
            text = truncate(text, part.least_cells + max(0, spare))
            spare -= max(0, cell_width(text) - part.least_cells)
        pieces.append(part.joiner + text if pieces else text)
    return truncate("".join(pieces), max(0, width))


def _least_cells(parts: list[Part]) -> int:
    joiners = sum(cell_width(part.joiner) for part in parts[1:])
    return joiners + sum(part.least_cells for part in parts)


def _name(verb: str, label: str) -> Part:
    return Part(f"{verb} {plain(label)}", shrink_to=len(verb) + 1 + _NAME_CELLS)


def _downloading(state: Downloading) -> Iterator[Part]:
    if state.pause is not None:
        yield from _held_up(state, state.pause)
        return
    done, total = state.progress.done_bytes, state.progress.total_bytes
    rate = state.progress.rate_bytes_per_s
    yield _name("Downloading", state.model.label)
    if state.fraction is not None:
        yield Part(format_percent(state.fraction), 1, "  ")
        yield Part(format_sizes(done, total), 4, "  ")
    elif done:
        yield Part(format_size(done), 4, "  ")
    if rate is not None:
        yield Part(format_rate(rate), 5, "  ")
        if rate > 0 and done < total:
            yield Part(f"{format_duration((total - done) / rate)} left", 3, "  ")
    if state.progress.parts > 1:
        yield Part(f"part {state.progress.part} of {state.progress.parts}", 6, "  ")


def _held_up(state: Downloading, pause: Checked | Waiting) -> Iterator[Part]:
    yield Part(plain(state.model.label), shrink_to=_NAME_CELLS)
    if state.fraction is not None:
        yield Part(format_percent(state.fraction), 2, "  ")
    if isinstance(pause, Checked):
        kept = pause.kept_bytes
        share = f" {format_percent(pause.checked_bytes / kept)}" if kept else ""
        yield Part(f"checking{share}", 1, "  ", shrink_to=_NOTE_CELLS)
    else:
        waits_for = f"waiting for {plain(pause.waits_for)}"
        yield Part(waits_for, 1, "  ", shrink_to=_NOTE_CELLS)
        yield Part(f"next try in {_due(pause.retry_in_s)}", 3)
    done, total = state.progress.done_bytes, state.progress.total_bytes
    if done and total:
        yield Part(f"{format_sizes(done, total)} kept", 4)


def _due(seconds: float) -> str:
    return format_duration(seconds) if seconds > 59 else f"{max(0, math.ceil(seconds))} s"


def _loading(state: Loading) -> Iterator[Part]:
    yield _name("Loading", state.model.label)
    yield Part("…", joiner="")
    if state.fraction is not None:
        yield Part(format_percent(state.fraction), 1, "  ")


def _ready(state: Ready, idle_gpus: tuple[Gpu, ...]) -> tuple[Part, ...]:
    device = plain(state.device)
    said = (_name("✓", state.model.label), Part("ready", joiner=" "))
    if not device:
        return said
    if device == "CPU":
        idle = [Part(f"{gpu.short_name} idle: see shammah doctor", 2) for gpu in idle_gpus[:1]]
        return (*said, Part(device, 1), *idle)
    of = "" if state.layers_total is None else f"/{state.layers_total}"
    return (*said, Part(f"{device} {state.layers}{of} layers", 1))


def _memory(use: ContextUse | None, warming_tokens: int) -> Iterator[Part]:
    if warming_tokens >= SHOWN_WARMING_TOKENS:
        yield Part(f"reading ahead ({format_tokens(warming_tokens)} tokens)", 4)
    elif use is not None:
        yield Part(f"{format_tokens(use.used_tokens)} of {format_tokens(use.length)} tokens", 3)


def _failed(state: Failed, keys: StatusKeys) -> tuple[Part, ...]:
    reason = plain(state.reason).rstrip(".")
    said = (Part("✗ Failed:"), Part(reason, joiner=" ", shrink_to=_REASON_CELLS))
    return (*said, Part(f"{plain(keys.retry)} retry", 1)) if state.retryable else said


def _not_available(
    state: NotAvailable, keys: StatusKeys, without_claude: str = "", *, claude_available: bool
) -> tuple[Part, ...]:
    lead = Part(state_words(state).header)
    instead = Part("Claude answers" if claude_available else without_claude, 1)
    retry = plain(keys.retry)
    match state.reason:
        case Offline() if claude_available:
            return (lead, Part("Claude answers", 1, ": "), Part("(no local model here)", 2, " "))
        case Offline():
            return (lead, Part("no local model here", 2, ": "), instead)
        case DownloadCancelled(_, 0, _):
            return (lead, Part("nothing kept", 2), Part(f"{retry} retry", 1))
        case DownloadCancelled(_, done_bytes, 0):
            kept = f"{format_size(done_bytes)} kept"
            return (lead, Part(kept, 2), Part(f"{retry} resume", 1))
        case DownloadCancelled(_, done_bytes, total_bytes):
            kept = f"{format_sizes(done_bytes, total_bytes, ' of ')} kept"
            return (lead, Part(kept, 2), Part(f"{retry} resume", 1))
        case LoadCancelled():
            return (lead, Part(f"{retry} retry", 1))
        case TooLittleMemory(needed_bytes, free_bytes):
            need = f"needs {format_size(needed_bytes)}, {format_size(free_bytes)} free"
            more = (Part(need, 2), Part(f"{plain(keys.models)} models", 3))
            return (lead, instead, *more)
        case NoEngine():
            return (lead, instead, Part("pip install llama-cpp-python", 2))
        case NotAgreed(model):
            name = Part(plain(model.label), shrink_to=_NAME_CELLS)
            lead = Part(lead.text[:1].lower() + lead.text[1:], joiner=" ")
            return (name, lead, instead, Part(f"{retry} download", 1))
        case SeveralThere(repo, count):
            there = Part(f"{count} in {plain(repo)}", 2, ": ", shrink_to=_REASON_CELLS)
            return (lead, there, Part(f"{plain(keys.models)} models", 3))
        case NotLoaded():
            return (lead,)


@dataclass(frozen=True, slots=True)
class HeaderWords:
    """What the header says.

    Attributes:
        status: The generator's state, and how full the context is.
        title: The conversation's title; empty where there is no room.
        is_whole: Whether all of the state's words found room.
    """

    status: str
    title: str
    is_whole: bool


def state_class(state: GeneratorState) -> str:
    """Return the style class of a state's colour; empty is the usual one."""
    match state:
        case Ready():
            return "-ready"
        case Failed():
            return "-failed"
        case NotAvailable():
            return "-not-available"
    return ""


def header_words(
    state: GeneratorState,
    keys: StatusKeys | None,
    room: int,
    *,
    claude_available: bool,
    title: str = "",
    idle_gpus: tuple[Gpu, ...] = (),
    context_use: ContextUse | None = None,
    warming_tokens: int = 0,
    active: Ready | None = None,
    next_rung: ModelSpec | None = None,
) -> HeaderWords:
    """Return what there is room for in ``room`` cells; the other arguments: see ``status_parts``.

    The title has what the state's words leave, and at least a little where there is room.
    """
    parts = status_parts(
        state,
        keys or StatusKeys(),
        claude_available=claude_available,
        idle_gpus=idle_gpus,
        context_use=context_use,
        warming_tokens=warming_tokens,
        active=active,
        next_rung=next_rung,
    )
    whole = fit(parts, _WIDEST)
    left = room - cell_width(whole) - TITLE_GAP
    least = 0 if room < ROOMY else LEAST_TITLE
    if active is not None and not isinstance(state, Ready):
        # Who replies and how far the next one is count for more.
        told = fit(tuple(part for part in parts if part.priority <= _TOLD), _WIDEST)
        least = min(least, max(0, room - cell_width(told) - TITLE_GAP))
    title = _shortened(title, max(left, least))
    taken = cell_width(title) + TITLE_GAP if title else 0
    return HeaderWords(fit(parts, max(0, room - taken)), title, fit(parts, room) == whole)


def _shortened(title: str, room: int) -> str:
    title = plain(title)
    if cell_width(title) <= room:
        return title
    return fitted_title(title, room) if room >= LEAST_TITLE else ""
