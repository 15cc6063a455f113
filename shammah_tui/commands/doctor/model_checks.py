"""Which model would run here: what the user or the memory rule say, and what is on the disk."""

from collections.abc import Collection
from dataclasses import dataclass

from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import Choice, NothingFits
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.engine_messages import LoadFailed, ModelLoaded
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import doctor as words
from shammah_tui.ports import ModelSource
from shammah_tui.services.local.load_plan import LoadPlan, ids_here, known_by_file


@dataclass(frozen=True, slots=True)
class ModelOutlook:
    """The model that would be loaded.

    Attributes:
        finding: What is said of it.
        model: Which; None where nothing fits.
        is_here: Whether all of it is on the disk.
        missing_bytes: What is still to be fetched; None while that is unknown.
    """

    finding: Finding
    model: ModelSpec | None
    is_here: bool = False
    missing_bytes: int | None = 0


def check_model(
    plan: LoadPlan,
    source: ModelSource,
    hardware: Hardware,
    advice: str,
    records: Collection[SpeedRecord] = (),
) -> ModelOutlook:
    """Return what a start now would bring up.

    Args:
        plan: What is to be loaded.
        source: Where weights lie.
        hardware: What the machine has.
        advice: What to do about a model that is asked for and is none; empty where that is fine.
        records: What was measured on this machine.
    """
    wanted = plan.wanted
    if wanted is not None and wanted.host is not None:
        says = words.served_by(plain(wanted.host))
        return ModelOutlook(Finding("model", "Model", Mark.GOOD, says), None, is_here=True)
    if wanted is None:
        choice = plan.recommend(hardware, records, ids_here(plan.offered, source))
        if isinstance(choice, NothingFits):
            facts: dict[str, Fact] = {
                "needed_bytes": choice.needed_bytes,
                "budget_bytes": choice.budget_bytes,
            }
            says, advice = plain(choice.reason), words.CLOSE_PROGRAMS
            return ModelOutlook(Finding("model", "Model", Mark.BAD, says, advice, facts), None)
        wanted = choice.model
    else:
        choice = plan.fit(_sized(source, wanted), hardware)
    return _outlook(source, choice, wanted, advice)


def check_file(seen: ModelLoaded | LoadFailed | None) -> tuple[Finding, ...]:
    """Return what is wrong with the model's file; None is an engine that could not be asked."""
    match seen:
        case LoadFailed(_, cause, advice):
            says, advice = plain(cause), plain(advice).rstrip(".")
            return (Finding("weights", "Weights", Mark.BAD, says, advice),)
        case ModelLoaded(notices=notices):
            return tuple(
                Finding(
                    "weights",
                    "Weights",
                    Mark.DOUBTFUL,
                    plain(each.cause),
                    plain(each.advice),
                    {"notice": each.sentence},
                )
                for each in notices
            )
        case None:
            return ()


def _sized(source: ModelSource, model: ModelSpec) -> ModelSpec:
    path = source.find(model)
    return model if path is None else known_by_file(model, path, source.kept_bytes(model))


def _outlook(source: ModelSource, choice: Choice, model: ModelSpec, advice: str) -> ModelOutlook:
    is_here, kept = source.find(model) is not None, source.kept_bytes(model)
    size = model.size_bytes
    missing = 0 if is_here else None if size is None else max(0, size - kept)
    says = words.outlook(
        plain(model.label),
        choice.context_length,
        "" if choice.need_bytes is None else format_size(choice.need_bytes),
        format_size(choice.budget_bytes),
        choice.gpu_layers,
        words.where_it_is(format_size(missing) if missing else "", is_here=is_here),
    )
    advice = advice or plain(choice.warning)
    mark = Mark.DOUBTFUL if advice else Mark.GOOD
    facts: dict[str, Fact] = {
        "id": model.id,
        "label": model.label,
        "context_length": choice.context_length,
        "need_bytes": choice.need_bytes,
        "budget_bytes": choice.budget_bytes,
        "gpu_layers": choice.gpu_layers,
        "is_here": is_here,
        "missing_bytes": missing,
        "reason": choice.reason,
    }
    return ModelOutlook(
        Finding("model", "Model", mark, says, advice, facts), model, is_here, missing
    )
