"""Where llama.cpp says that it has put the layers."""

import re
from collections import Counter

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
        """Look for a layer's device in ``line``."""
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
