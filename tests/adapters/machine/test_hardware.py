"""The probe on this machine, on control groups laid out in files, and on made-up cards."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from shammah_tui.adapters.machine.hardware import (
    ControlGroup,
    MachineProbe,
    MemoryLimit,
    nvidia_gpus,
)
from shammah_tui.core.model.hardware import Gpu

GIB = 2**30
NO_LIMIT_V1 = 9_223_372_036_854_771_712


def lay(root: Path, files: dict[str, str]) -> ControlGroup:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    return ControlGroup(root / "fs", root / "self")


def test_this_machine() -> None:
    hardware = MachineProbe().probe()
    assert 0 < hardware.ram_free_bytes <= hardware.ram_total_bytes
    assert hardware.ram_total_bytes <= psutil.virtual_memory().total
    assert 1 <= hardware.physical_cores <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"self": "0::/"}, None),
        (
            {"self": "0::/", "fs/memory.max": "max", "fs/memory.current": "1000"},
            None,
        ),
        (
            # A container with a name space of its own: the limit stands in the root it sees.
            {
                "self": "0::/",
                "fs/memory.max": "4000",
                "fs/memory.current": "1500",
                "fs/memory.stat": "anon 900\ninactive_file 500\nactive_file 100",
            },
            MemoryLimit(4000, 3100),
        ),
        (
            # A file that was read twice is active, and can be dropped all the same.
            {
                "self": "0::/",
                "fs/memory.max": "17179869184",
                "fs/memory.current": "16106127360",
                "fs/memory.stat": "anon 2147483648\nfile 13958643712\ninactive_file 1073741824\n"
                "active_file 12884901888",
            },
            MemoryLimit(16 * GIB, 14 * GIB),
        ),
        (
            # So can the kernel's own caches; its other memory and tmpfs cannot.
            {
                "self": "0::/",
                "fs/memory.max": "9000",
                "fs/memory.current": "8000",
                "fs/memory.stat": "shmem 900\nslab 3500\nslab_reclaimable 3000\n"
                "slab_unreclaimable 500",
            },
            MemoryLimit(9000, 4000),
        ),
        (
            # Never more than the limit, whatever the counters say at different moments.
            {
                "self": "0::/",
                "fs/memory.max": "4000",
                "fs/memory.current": "1000",
                "fs/memory.stat": "inactive_file 5000",
            },
            MemoryLimit(4000, 4000),
        ),
        (
            # Above ``memory.high`` everything crawls, with a limit above it or with none.
            {
                "self": "0::/",
                "fs/memory.max": "16000",
                "fs/memory.high": "4000",
                "fs/memory.current": "1000",
            },
            MemoryLimit(4000, 3000),
        ),
        (
            {
                "self": "0::/a.slice/b.scope",
                "fs/a.slice/b.scope/memory.max": "max",
                "fs/a.slice/b.scope/memory.high": "max",
                "fs/a.slice/b.scope/memory.current": "100",
                "fs/a.slice/memory.max": "max",
                "fs/a.slice/memory.high": "5000",
                "fs/a.slice/memory.current": "4500",
                "fs/a.slice/memory.stat": "active_file 1500",
            },
            MemoryLimit(5000, 2000),
        ),
        (
            # The group around it is tighter, and another process there has used most of it.
            {
                "self": "0::/user.slice/a.scope",
                "fs/user.slice/a.scope/memory.max": "8000",
                "fs/user.slice/a.scope/memory.current": "100",
                "fs/user.slice/memory.max": "9000",
                "fs/user.slice/memory.current": "8800",
            },
            MemoryLimit(8000, 200),
        ),
        (
            {
                "self": "0::/../../outside",
                "fs/memory.max": "4000",
                "fs/memory.current": "5000",
            },
            MemoryLimit(4000, 0),
        ),
        (
            {
                "self": "4:memory:/job\n1:cpu,cpuacct:/job",
                "fs/memory/job/memory.limit_in_bytes": "4000",
                "fs/memory/job/memory.usage_in_bytes": "1500",
                "fs/memory/job/memory.stat": "inactive_file 1\nactive_file 2\n"
                "total_inactive_file 500\ntotal_active_file 200",
                "fs/memory/memory.limit_in_bytes": str(NO_LIMIT_V1),
                "fs/memory/memory.usage_in_bytes": "99",
            },
            MemoryLimit(4000, 3200),
        ),
        (
            {"self": "nonsense", "fs/memory.max": "4000", "fs/memory.current": "x"},
            None,
        ),
    ],
)
def test_memory_limit(tmp_path: Path, files: dict[str, str], expected: MemoryLimit | None) -> None:
    assert lay(tmp_path, files).memory_limit() == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"self": "0::/", "fs/cpu.max": "max 100000"}, None),
        ({"self": "0::/", "fs/cpu.max": "250000 100000"}, 3),
        ({"self": "0::/", "fs/cpu.max": "1000 100000"}, 1),
        (
            {
                "self": "0::/a",
                "fs/a/cpu.max": "400000 100000",
                "fs/cpu.max": "200000 100000",
            },
            2,
        ),
        (
            {
                "self": "1:cpu,cpuacct:/",
                "fs/cpu/cpu.cfs_quota_us": "-1",
                "fs/cpu/cpu.cfs_period_us": "100000",
            },
            None,
        ),
        (
            {
                "self": "1:cpu,cpuacct:/",
                "fs/cpu/cpu.cfs_quota_us": "150000",
                "fs/cpu/cpu.cfs_period_us": "100000",
            },
            2,
        ),
    ],
)
def test_processors(tmp_path: Path, files: dict[str, str], expected: int | None) -> None:
    assert lay(tmp_path, files).processors() == expected


def test_a_limit_below_the_machines_memory_counts(tmp_path: Path) -> None:
    group = lay(
        tmp_path,
        {
            "self": "0::/",
            "fs/memory.max": str(64 * 2**20),
            "fs/memory.current": str(24 * 2**20),
            "fs/cpu.max": "100000 100000",
        },
    )
    hardware = MachineProbe(control_group=group, find_nvidia=lambda _: ()).probe()
    assert hardware.ram_total_bytes == 64 * 2**20
    assert hardware.ram_free_bytes == 40 * 2**20
    assert hardware.physical_cores == 1


def test_a_limit_above_the_machines_memory_does_not(tmp_path: Path) -> None:
    group = lay(
        tmp_path,
        {"self": "0::/", "fs/memory.max": str(2**50), "fs/memory.current": "0"},
    )
    hardware = MachineProbe(control_group=group, find_nvidia=lambda _: ()).probe()
    assert hardware.ram_total_bytes == psutil.virtual_memory().total


def test_apple_silicon_shares_its_memory() -> None:
    probe = MachineProbe(
        system="Darwin",
        machine="arm64",
        find_nvidia=lambda _: (),
        built_backends=lambda: {"Metal"},
    )
    hardware = probe.probe()
    (gpu,) = hardware.gpus
    assert gpu.backend == "Metal"
    assert gpu.shares_ram
    assert gpu.total_bytes == hardware.ram_total_bytes
    assert gpu.free_bytes == hardware.ram_free_bytes
    assert gpu.name.startswith("Apple")


def test_an_intel_mac_has_none() -> None:
    probe = MachineProbe(system="Darwin", machine="x86_64", find_nvidia=lambda _: ())
    assert probe.probe().gpus == ()


def test_the_biggest_card_comes_first() -> None:
    small, big = Gpu("small", "CUDA", 1, 1), Gpu("big", "CUDA", 2, 1)
    probe = MachineProbe(
        system="Linux", find_nvidia=lambda _: (small, big), built_backends=lambda: {"CUDA"}
    )
    assert probe.probe().gpus == (big, small)


def test_looking_at_this_machines_cards_raises_nothing() -> None:
    for gpu in nvidia_gpus(os.environ):
        assert gpu.backend == "CUDA"
        assert 0 <= gpu.free_bytes <= gpu.total_bytes


def test_no_library_is_no_card() -> None:
    # A real interpreter in which the library cannot be imported.
    code = (
        "import sys; sys.modules['pynvml'] = None\n"
        "from shammah_tui.adapters.machine.hardware import nvidia_gpus\n"
        "print(nvidia_gpus({}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "()"


def test_importing_the_probe_does_not_import_nvml() -> None:
    code = (
        "import sys; import shammah_tui.adapters.machine.hardware\n"
        "print([name for name in sys.modules if 'nvml' in name])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


class NVMLError(Exception):
    """What the stand-in library raises."""


@dataclass
class Nvml:
    """NVML with made-up cards; a card without memory cannot be asked."""

    cards: Sequence[tuple[str, str | bytes, int | None]] = ()
    has_driver: bool = True
    is_open: bool = False
    NVMLError: type[Exception] = field(default=NVMLError)

    def nvmlInit(self) -> None:
        if not self.has_driver:
            raise NVMLError("Driver Not Loaded")
        self.is_open = True

    def nvmlShutdown(self) -> None:
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUUID(self, handle: int) -> str:
        return self.cards[handle][0]

    def nvmlDeviceGetName(self, handle: int) -> str | bytes:
        return self.cards[handle][1]

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        total = self.cards[handle][2]
        if total is None:
            raise NVMLError("GPU is lost")
        return SimpleNamespace(total=total, free=total // 2, used=total - total // 2)


TWO = Nvml([("GPU-aa11", "A", 24 * GIB), ("GPU-bb22", b"B", 8 * GIB)])


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        (None, ["A", "B"]),
        ("0,1", ["A", "B"]),
        ("1", ["B"]),
        ("GPU-bb", ["B"]),
        ("", []),
        ("-1", []),
        ("0,-1,1", ["A"]),
        ("MIG-GPU-aa11/1/0", []),
        ("7", []),
    ],
)
def test_cuda_visible_devices(visible: str | None, names: list[str]) -> None:
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert [gpu.name for gpu in nvidia_gpus(environment, TWO)] == names
    assert not TWO.is_open


def test_a_cards_memory() -> None:
    assert nvidia_gpus({}, TWO)[0] == Gpu("A", "CUDA", 24 * GIB, 12 * GIB)


def test_no_driver_is_no_card() -> None:
    assert nvidia_gpus({}, Nvml(has_driver=False)) == ()


def test_a_lost_card_does_not_hide_the_others() -> None:
    nvml = Nvml([("GPU-a", "A", None), ("GPU-b", "B", GIB)])
    assert [gpu.name for gpu in nvidia_gpus({}, nvml)] == ["B"]
    assert not nvml.is_open


CARD = Gpu("NVIDIA GeForce RTX 4090", "CUDA", 24 * GIB, 20 * GIB)
RADEON = Gpu("Radeon Pro W7900", "ROCm", 48 * GIB, 47 * GIB)


@pytest.mark.parametrize(
    ("built", "usable", "idle"),
    [
        ((), (), (RADEON, CARD)),
        (("CUDA",), (CARD,), (RADEON,)),
        (("ROCm",), (RADEON,), (CARD,)),
        (("Metal",), (), (RADEON, CARD)),
        (
            ("Vulkan",),
            (replace(RADEON, backend="Vulkan"), replace(CARD, backend="Vulkan")),
            (),
        ),
        (("Vulkan", "CUDA"), (replace(RADEON, backend="Vulkan"), CARD), ()),
    ],
)
def test_what_the_build_cannot_use_stands_idle(
    built: tuple[str, ...], usable: tuple[Gpu, ...], idle: tuple[Gpu, ...]
) -> None:
    probe = MachineProbe(
        system="Linux",
        find_nvidia=lambda _: (CARD,),
        find_others=lambda: (RADEON,),
        built_backends=lambda: built,
    )
    hardware = probe.probe()
    assert hardware.gpus == usable
    assert hardware.idle_gpus == idle


def test_a_mac_whose_build_lacks_metal_is_idle() -> None:
    probe = MachineProbe(system="Darwin", machine="arm64", built_backends=set)
    hardware = probe.probe()
    assert hardware.gpus == ()
    assert [gpu.backend for gpu in hardware.idle_gpus] == ["Metal"]
