"""Completes what is known of a model by what its file says of itself."""

import mmap
from dataclasses import replace
from pathlib import Path

from shammah_tui.core.model.gguf_header import Shape, shape
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile


def known_by_file(model: ModelSpec, path: Path, size_bytes: int) -> ModelSpec:
    """Return ``model`` with the size of its files and what they say of their network.

    What is known already, as of the catalogue's, stays.

    Args:
        model: Which one.
        path: Its file, or the first part of a split one.
        size_bytes: Of all parts together.
    """
    if model.size_bytes is None:
        model = replace(model, files=(WeightsFile(path.name, size_bytes),))
    if model.kv_bytes_per_token is not None:
        return model
    seen = _look(path)
    if seen is None:
        return model
    return replace(
        model,
        native_context=model.native_context or seen.context_length or None,
        kv_bytes_per_token=seen.kv_bytes_per_token,
        recurrent_state_bytes=seen.recurrent_state_bytes,
        n_layer=model.n_layer or seen.n_layer,
        n_head=seen.n_head,
    )


def _look(path: Path) -> Shape | None:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return shape(data)
    except (OSError, ValueError):
        # ValueError: an empty file cannot be mapped.
        return None
