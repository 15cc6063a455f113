"""The model's weights in llama.cpp."""

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp

from shammah_tui.core.model_spec import DevicePreference
from shammah_tui.engine.llama.amx import amx_crashes, refuse_amx

ALL_LAYERS = -1
NO_LAYERS = 0
LONGEST_KEY = 1 << 16
"""Bytes; longer ones the format does not allow."""

PROGRESS_INTERVAL_S = 0.05
"""Shortest time between two reports; llama.cpp makes one for each tensor."""


def load_weights(
    path: Path,
    device: DevicePreference,
    on_progress: Callable[[float], None],
    gpu_layers: int | None = None,
    *,
    careful: bool = False,
    vocabulary_only: bool = False,
) -> Any | None:
    """Load ``path`` and return the ``llama_model``, or None when llama.cpp refuses it.

    ``GPU`` in a build without support loads on the processor: ``ModelLoaded`` then says so.

    Args:
        path: The file, or the first part of a split one.
        device: Where the layers are to be.
        on_progress: Given fractions from 0 to 1; always the last, 1.
        gpu_layers: How many layers are to be on an accelerator; None is all.
        careful: Whether to keep the weights as they are in the file, instead of in layouts for
            this processor.
        vocabulary_only: Whether to leave the weights in the file: nothing can be computed then.
    """
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = vocabulary_only
    spoilt = amx_crashes(llama_cpp.llama_print_system_info()) and not refuse_amx()
    parameters.use_extra_bufts = not (careful or spoilt)
    if device is DevicePreference.CPU:
        parameters.n_gpu_layers = NO_LAYERS
        # An empty list of devices; otherwise an accelerator is opened, and large products are
        # computed on it, even when it holds no layer.
        no_devices = (ctypes.c_void_p * 1)(None)
        parameters.devices = ctypes.cast(no_devices, ctypes.c_void_p)
    elif llama_cpp.llama_supports_gpu_offload():
        parameters.n_gpu_layers = ALL_LAYERS if gpu_layers is None else gpu_layers

    # llama.cpp maps the file before its first report, which takes as long as the disk does.
    on_progress(0.0)
    reported_s = time.perf_counter()

    def progress(fraction: float, _data: object) -> bool:
        nonlocal reported_s
        now_s = time.perf_counter()
        if fraction < 1.0 and now_s - reported_s >= PROGRESS_INTERVAL_S:
            reported_s = now_s
            on_progress(fraction)
        return True

    # A name of its own: the parameters hold a bare pointer to it.
    callback = llama_cpp.llama_progress_callback(progress)
    parameters.progress_callback = callback
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), parameters)
    if model:
        on_progress(1.0)
    return model


def metadata_keys(model: Any, prefix: str) -> list[str]:
    """Return the keys of the GGUF's metadata that begin with ``prefix``, save those of lists."""
    buffer = ctypes.create_string_buffer(LONGEST_KEY)

    def key(index: int) -> str:
        llama_cpp.llama_model_meta_key_by_index(model, index, buffer, LONGEST_KEY)
        return buffer.value.decode(errors="replace")

    keys = map(key, range(int(llama_cpp.llama_model_meta_count(model))))
    return [each for each in keys if each.startswith(prefix)]


def metadata(model: Any, key: str) -> str:
    """Return one entry of the GGUF's metadata as text; empty when it has none."""
    size = int(llama_cpp.llama_model_meta_val_str(model, key.encode(), None, 0))
    if size <= 0:
        return ""
    buffer = ctypes.create_string_buffer(size + 1)
    llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, size + 1)
    return buffer.value.decode(errors="replace")
