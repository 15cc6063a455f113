"""What the chat's header says, in as many cells as it has."""

from dataclasses import dataclass

from shammah_tui.core.conversation.titles import fitted_title
from shammah_tui.core.local.generator import Failed, GeneratorState, NotAvailable, Ready
from shammah_tui.core.model.hardware import Gpu
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.core.text.plain_text import cell_width, plain
from shammah_tui.core.wording.status import StatusKeys, fit, status_parts

TITLE_GAP = 3
LEAST_TITLE = 20
"""Cells of a title; less says nothing."""
ROOMY = 62
"""Cells from which on the state's words make room for that."""

_WIDEST = 10_000


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
    )
    whole = fit(parts, _WIDEST)
    left = room - cell_width(whole) - TITLE_GAP
    title = _shortened(title, max(left, 0 if room < ROOMY else LEAST_TITLE))
    taken = cell_width(title) + TITLE_GAP if title else 0
    return HeaderWords(fit(parts, max(0, room - taken)), title, fit(parts, room) == whole)


def _shortened(title: str, room: int) -> str:
    title = plain(title)
    if cell_width(title) <= room:
        return title
    return fitted_title(title, room) if room >= LEAST_TITLE else ""
