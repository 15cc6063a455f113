"""Reads llama.cpp's log: which device holds the layers, and what it complains of."""

import re
import sys
from collections import Counter, deque

import llama_cpp

from shammah_tui.children.llama.quality import complaint_of

CPU = "CPU"

_LAYER = re.compile(r"layer\s+(\d+) assigned to device ([^\s,]+)")
_DEVICE_NUMBER = re.compile(r"\d+$")
_NAMES = {"MTL": "Metal"}
"""Where a device's own name is not what people call it."""


class LayerPlacement:
    """Counts layers by device, from the lines of llama.cpp's log."""

    def __init__(self) -> None:
        self._devices: dict[int, str] = {}

    def observe(self, line: str) -> None:
        if found := _LAYER.search(line):
            self._devices[int(found[1])] = found[2]

    def summary(self) -> tuple[str, int, int]:
        """Return the device, the layers on it and the layers in all, the output layer counted.

        The device is the kind of accelerator that holds most layers (``CUDA`` for ``CUDA0`` and
        ``CUDA1`` together); ``CPU`` when none holds any.
        """
        total = len(self._devices)
        kinds = Counter(_kind(device) for device in self._devices.values())
        on_cpu = kinds.pop(CPU, 0)
        if not kinds:
            return CPU, on_cpu, total
        ((kind, layers),) = kinds.most_common(1)
        return kind, layers, total


def _kind(device: str) -> str:
    kind = _DEVICE_NUMBER.sub("", device)
    return _NAMES.get(kind, kind)


DEBUG, CONTINUED = 1, 5
"""``GGML_LOG_LEVEL_DEBUG`` and ``GGML_LOG_LEVEL_CONT`` of ggml.h."""
WARNING, ERROR = 3, 4

KEPT_COMPLAINTS = 40


class LlamaLog:
    """Catches llama.cpp's log from its creation on, for the rest of the process.

    Attributes:
        placement: Where it said that it put the layers.
        quality: Which complaints about the file's quality came, as ``quality.complaint_of`` counts.
    """

    def __init__(self) -> None:
        self._complaints: deque[str] = deque(maxlen=KEPT_COMPLAINTS)
        self.placement = LayerPlacement()
        self.quality: set[int] = set()
        self._shown = True
        # The library keeps a bare pointer, so the callback must live as long as this object.
        self._callback = llama_cpp.llama_log_callback(self._take)
        llama_cpp.llama_log_set(self._callback, None)

    @property
    def complaints(self) -> str:
        return "".join(self._complaints)

    def take_complaints(self) -> str:
        said = self.complaints
        self._complaints.clear()
        return said

    def _take(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode(errors="replace")
        if level != CONTINUED:
            # Debug lines name every tensor; they are looked at and not written.
            self._shown = level != DEBUG
        if level in {WARNING, ERROR}:
            self._complaints.append(line)
            if (complaint := complaint_of(line)) is not None:
                self.quality.add(complaint)
        self.placement.observe(line)
        if self._shown:
            sys.stderr.write(line)
            sys.stderr.flush()
