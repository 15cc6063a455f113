"""Who answers a question that is asked now, in a sentence or two: the welcome's."""

from shammah_tui.core.local.generator import (
    Downloading,
    GeneratorState,
    Initializing,
    Loading,
    Ready,
)
from shammah_tui.core.text.plain_text import plain, truncate

_NAME_CELLS = 32
"""A model's name is cut to this many cells: in a window of 80 columns there are two lines."""


def who_answers(
    state: GeneratorState, active: Ready | None, *, claude_available: bool, models_key: str
) -> str:
    """Return the sentences; empty while a model is on its way: then it may yet answer.

    Args:
        state: What the local model is doing.
        active: The one that answers, while another comes, too; None where none does.
        claude_available: Whether a Claude key is set.
        models_key: Name of the key that lists the models.
    """
    if active is not None:
        name = truncate(plain(active.model.label), _NAME_CELLS)
        where = " on this machine" if active.device else ""
        if claude_available:
            also = "Claude answers what is too long for it"
            return f"{name} answers{where}; {also}. Each reply says who answered."
        also = "To use Claude as well, set ANTHROPIC_API_KEY and start again."
        return f"{name} answers{where}. {also}"
    if isinstance(state, Initializing | Downloading | Loading):
        return ""
    choose = f"{plain(models_key)} lists the models"
    if claude_available:
        return f"Claude answers: no model is ready on this machine. {choose}."
    return (
        f"No model available: none is ready on this machine ({choose}), "
        "and ANTHROPIC_API_KEY is not set."
    )
