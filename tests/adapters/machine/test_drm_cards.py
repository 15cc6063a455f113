"""Cards laid out as the Linux kernel lists them."""

from pathlib import Path

from shammah_tui.adapters.machine.hardware import DrmCard, DrmCards
from shammah_tui.core.model.hardware import Gpu

GIB = 2**30


def lay(root: Path, number: int, files: dict[str, str], *, can_be_opened: bool = True) -> DrmCards:
    device = root / "drm" / f"card{number}" / "device"
    renderer = f"renderD{128 + number}"
    (device / "drm" / renderer).mkdir(parents=True)
    (root / "drm" / f"card{number}-HDMI-A-1" / "device").mkdir(parents=True)
    for name, content in files.items():
        path = device / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    (root / "dri").mkdir(exist_ok=True)
    if can_be_opened:
        (root / "dri" / renderer).touch()
    return DrmCards(root / "drm", root / "dri")


def test_an_amd_card_tells_its_memory(tmp_path: Path) -> None:
    files = {
        "vendor": "0x1002",
        "product_name": "Radeon Pro W7900",
        "mem_info_vram_total": str(48 * GIB),
        "mem_info_vram_used": str(GIB),
    }
    cards = lay(tmp_path, 0, files)
    assert cards.gpus() == (Gpu("Radeon Pro W7900", "ROCm", 48 * GIB, 47 * GIB),)


def test_a_card_without_a_name_has_its_makers(tmp_path: Path) -> None:
    files = {"vendor": "0x1002", "mem_info_vram_total": str(8 * GIB)}
    (gpu,) = lay(tmp_path, 0, files).gpus()
    assert gpu.name == "AMD graphics card"
    assert gpu.short_name == "graphics card"


def test_a_processors_graphics_are_no_gpu(tmp_path: Path) -> None:
    lay(tmp_path, 0, {"vendor": "0x8086"})
    cards = lay(tmp_path, 1, {"vendor": "0x1002", "mem_info_vram_total": str(GIB // 2)})
    assert [card.vendor for card in cards.cards()] == ["Intel", "AMD"]
    assert cards.gpus() == ()


def test_an_intel_card_counts_its_tiles(tmp_path: Path) -> None:
    files = {
        "vendor": "0x8086",
        "tile0/physical_vram_size_bytes": hex(8 * GIB),
        "tile1/physical_vram_size_bytes": hex(8 * GIB),
    }
    (gpu,) = lay(tmp_path, 0, files).gpus()
    assert (gpu.backend, gpu.total_bytes, gpu.free_bytes) == ("SYCL", 16 * GIB, 16 * GIB)


def test_nvidia_is_listed_but_left_to_nvml(tmp_path: Path) -> None:
    cards = lay(tmp_path, 0, {"vendor": "0x10de"})
    assert cards.cards() == (DrmCard("NVIDIA", "NVIDIA graphics card", 0, 0),)
    assert cards.gpus() == ()


def test_a_card_that_is_not_given_to_this_container_is_none(tmp_path: Path) -> None:
    files = {"vendor": "0x1002", "mem_info_vram_total": str(8 * GIB)}
    assert lay(tmp_path, 0, files, can_be_opened=False).cards() == ()


def test_without_the_list_there_are_none(tmp_path: Path) -> None:
    assert DrmCards(tmp_path / "none", tmp_path).cards() == ()


def test_looking_at_this_machine_raises_nothing() -> None:
    for card in DrmCards().cards():
        assert 0 <= card.free_bytes <= card.total_bytes
