"""LoRAs on a loaded model, applied and taken off without loading it again."""

import ctypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp

from shammah_tui.children.llama.context import Context
from shammah_tui.children.llama.load_failure import (
    LoraError,
    check_lora_file,
    lora_failure,
)
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.engine_messages import LorasApplied


class Loras:
    """The LoRAs of one context.

    A file that was read once is kept until the process ends: it is small, and is switched on and
    off at no cost but that the conversation has to be read again.
    """

    def __init__(self, model: Any, context: Context, complaints: Callable[[], str]) -> None:
        self._model = model
        self._context = context
        self._complaints = complaints
        self._read: dict[str, Any] = {}
        self._applied: tuple[Lora, ...] = ()

    def apply(self, loras: Sequence[Lora]) -> LorasApplied:
        """Apply those of ``loras`` that can be and no others; what the cache holds is dropped."""
        usable: list[Lora] = []
        refusals: list[str] = []
        for lora in {each.path: each for each in loras}.values():
            try:
                self._handle(lora.path)
            except LoraError as error:
                refusals.append(str(error))
            else:
                usable.append(lora)
        applied = tuple(usable)
        if applied != self._applied:
            self._set(applied)
        return LorasApplied(self._applied, tuple(refusals))

    def _set(self, loras: tuple[Lora, ...]) -> None:
        count = len(loras)
        handles = (llama_cpp.llama_adapter_lora_p_ctypes * count)(
            *(self._handle(lora.path) for lora in loras)
        )
        scales = (ctypes.c_float * count)(*(lora.scale for lora in loras))
        status = llama_cpp.llama_set_adapters_lora(self._context.handle, handles, count, scales)
        assert status == 0, "llama.cpp refuses only adapters with a null pointer"
        self._applied = loras
        # Keys and values were computed with the LoRAs from before.
        self._context.cache.clear()

    def _handle(self, path: str) -> Any:
        if path not in self._read:
            file = Path(path)
            check_lora_file(file)
            self._complaints()
            handle = llama_cpp.llama_adapter_lora_init(self._model, os.fsencode(file))
            if not handle:
                raise lora_failure(file, self._complaints())
            self._read[path] = handle
        return self._read[path]
