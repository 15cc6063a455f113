"""Graphics cards as the Linux kernel lists them, without any vendor's library."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.core.model.hardware import Gpu

NVIDIA = "NVIDIA"

_VENDORS = {"0x1002": "AMD", "0x8086": "Intel", "0x10de": NVIDIA}
"""Numbers that the PCI special interest group gave to the makers."""

_BACKENDS = {"AMD": "ROCm", "Intel": "SYCL"}

LEAST_BYTES = 2 * 2**30
"""With less of its own a graphics unit is part of a processor, and no faster than that."""


@dataclass(frozen=True, slots=True)
class DrmCard:
    """One card that this process could open; sizes are 0 where the driver does not tell."""

    vendor: str
    name: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class DrmCards:
    """Where to look; a container may lack the device files of the host's cards."""

    folder: Path = Path("/sys/class/drm")
    devices: Path = Path("/dev/dri")

    def cards(self) -> tuple[DrmCard, ...]:
        return tuple(self._cards())

    def gpus(self) -> tuple[Gpu, ...]:
        """Return the cards of AMD and Intel with memory of their own, which NVML does not know."""
        return tuple(
            Gpu(card.name, _BACKENDS[card.vendor], card.total_bytes, card.free_bytes)
            for card in self._cards()
            if card.vendor in _BACKENDS and card.total_bytes >= LEAST_BYTES
        )

    def _cards(self) -> Iterator[DrmCard]:
        # Beside card0 there are its connectors, such as card0-HDMI-A-1.
        for card in sorted(self.folder.glob("card[0-9]*")):
            device = card / "device"
            vendor = _VENDORS.get(_text(device / "vendor"))
            if "-" in card.name or vendor is None or not self._can_be_opened(device):
                continue
            # amdgpu tells both; xe (Intel's cards) what there is only, by tile.
            total = _number(device / "mem_info_vram_total")
            tiles = device.glob("tile[0-9]*/physical_vram_size_bytes")
            total = total or sum(_number(tile) for tile in tiles)
            free = max(0, total - _number(device / "mem_info_vram_used"))
            name = _text(device / "product_name") or f"{vendor} graphics card"
            yield DrmCard(vendor, name, total, free)

    def _can_be_opened(self, device: Path) -> bool:
        renderers = (device / "drm").glob("renderD[0-9]*")
        return any((self.devices / renderer.name).exists() for renderer in renderers)


def _number(path: Path) -> int:
    written = _text(path)
    try:
        # xe writes hexadecimal, amdgpu decimal.
        return int(written, 0)
    except ValueError:
        return 0


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
