"""The ladder: a small model first, which answers and is measured, then the best for this machine.

Where no model is named and nothing better is on the disk, the smallest of the catalogue comes
first; once it was measured, what is recommended then. Each rung is larger than the one before.
"""

from collections.abc import Callable, Collection, Iterable

from shammah_tui.core.model.model_choice import SMALLEST, Choice, NothingFits
from shammah_tui.core.model.model_spec import ModelSpec

Recommend = Callable[[tuple[ModelSpec, ...]], Choice | NothingFits]
"""Returns which of some models suits this machine best."""


def first_rung(
    goal: Choice, offered: Iterable[ModelSpec], here: Collection[str], recommend: Recommend
) -> ModelSpec:
    """Return what is brought up first on the way to ``goal``: that itself where it is here.

    Else the best of those that are here, or the smallest of the catalogue, where it is smaller.

    Args:
        goal: What is recommended for this machine.
        offered: What can be chosen from.
        here: Ids of those that are on this disk.
        recommend: Chooses among some of ``offered``.
    """
    if goal.model.id in here:
        return goal.model
    by_id = {model.id: model for model in offered}
    on_disk = tuple(model for name, model in by_id.items() if name in here)
    smallest = tuple(by_id[name] for name in SMALLEST if name in by_id)[:1]
    for models in (on_disk, smallest):
        found = recommend(models) if models else None
        if isinstance(found, Choice) and not found.warning and _is_larger(goal.model, found.model):
            return found.model
    return goal.model


def next_rung(present: ModelSpec, recommended: Choice | None) -> ModelSpec | None:
    """Return what follows ``present`` once that was measured; None at the top."""
    if recommended is None or recommended.warning:
        return None
    return recommended.model if _is_larger(recommended.model, present) else None


def _is_larger(one: ModelSpec, other: ModelSpec) -> bool:
    """Return whether a model has more bytes than another; what is not known is not larger."""
    known = one.id != other.id and one.size_bytes is not None and other.size_bytes is not None
    return known and (one.size_bytes or 0) > (other.size_bytes or 0)
