"""How a model is to be loaded on this machine, as the command for the engine."""

from dataclasses import dataclass, replace
from pathlib import Path

from shammah_tui.core.engine_messages import LoadModel
from shammah_tui.core.errors import ShammahError
from shammah_tui.core.hardware import Hardware
from shammah_tui.core.model_choice import fit_model
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.units import format_size
from shammah_tui.services.local_side import LoadPlan


class TooBigError(ShammahError):
    """The model needs more memory than this machine has at all."""


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One loading to come.

    Attributes:
        command: What the engine is told.
        need_bytes: Memory that it takes here.
        fits_beside: Whether what is loaded now may stay meanwhile.
    """

    command: LoadModel
    need_bytes: int = 0
    fits_beside: bool = True


def load_job(model: ModelSpec, path: Path, plan: LoadPlan, hardware: Hardware) -> LoadJob:
    """Return how ``model`` is loaded from ``path``.

    Raises:
        TooBigError: It can never be loaded here.
    """
    if model.host is not None:
        # It takes another machine's memory; 0 is the context that the server has made.
        return LoadJob(LoadModel(str(path), plan.context_length or 0, plan.device))
    sized = model
    if model.size_bytes is None:
        sized = replace(model, files=(WeightsFile(path.name, path.stat().st_size),))
    choice = fit_model(sized, hardware, plan.device, plan.context_length)
    need = choice.need_bytes or 0
    memories = (hardware.ram_total_bytes, *(gpu.total_bytes for gpu in hardware.gpus))
    # What is divided between card and memory was found to fit the two.
    if need > max(memories) and choice.gpu_layers is None:
        raise TooBigError(
            f"{model.label} needs {format_size(need)} and this machine has "
            f"{format_size(hardware.ram_total_bytes)}: choose a smaller one"
        )
    command = LoadModel(
        str(path), choice.context_length, choice.device, plan.threads, choice.gpu_layers
    )
    return LoadJob(command, need, fits_beside=need <= choice.budget_bytes)
