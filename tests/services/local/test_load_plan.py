"""What the engine is told of the layers."""

from pathlib import Path

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.services.local.load_plan import LoadPlan, load_job

GIB = 2**30
BY_ID = {model.id: model for model in CATALOGUE}
PATH = Path(__file__)


def machine(ram_gib: int, card_gib: int) -> Hardware:
    card = Gpu("card", "CUDA", card_gib * GIB, card_gib * GIB)
    return Hardware(ram_gib * GIB, ram_gib * GIB, 8, (card,))


@pytest.mark.parametrize(
    ("model", "hardware", "device", "gpu_layers"),
    [
        ("qwen3.5-4b", machine(32, 8), DevicePreference.AUTO, None),
        ("qwen3.5-9b", machine(32, 8), DevicePreference.AUTO, 26),
        ("qwen3.5-9b", machine(32, 4), DevicePreference.CPU, None),
        # Bigger than either memory, but not than both.
        ("qwen3.6-35b-a3b", machine(20, 16), DevicePreference.AUTO, 17),
    ],
)
def test_layers(
    model: str, hardware: Hardware, device: DevicePreference, gpu_layers: int | None
) -> None:
    job = load_job(BY_ID[model], PATH, LoadPlan(None, CATALOGUE), hardware)
    assert (job.command.device, job.command.gpu_layers) == (device, gpu_layers)
    assert job.fits_beside
