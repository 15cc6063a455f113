"""What is said of cards that this machine does not have."""

import pytest

from shammah_tui.adapters.machine.hardware import DrmCard
from shammah_tui.commands.doctor.engine_checks import check_build, check_gpus
from shammah_tui.core.doctor.findings import Finding, Mark
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.llama_build import BuildBroken, BuildDevice, BuildSeen

GIB = 2**30
RTX = Gpu("NVIDIA GeForce RTX 4090", "CUDA", 24 * GIB, 20 * GIB)
RADEON = Gpu("Radeon Pro W7900", "ROCm", 48 * GIB, 47 * GIB)
CPU_DEVICE = BuildDevice("CPU", "a processor", 0, 0)
ON_CPU = BuildSeen("0.3.36", (CPU_DEVICE,), ("AVX2",))
ON_CUDA = BuildSeen("0.3.36", (BuildDevice("CUDA0", RTX.name, 1, 1), CPU_DEVICE), ())
PIP = "python -m pip"


def look(
    *gpus: Gpu,
    idle: tuple[Gpu, ...] = (),
    seen: BuildSeen | BuildBroken = ON_CPU,
    cards: tuple[DrmCard, ...] = (),
    hides_cuda: bool = False,
) -> tuple[Finding, ...]:
    hardware = Hardware(16 * GIB, 12 * GIB, 4, gpus, idle)
    return check_gpus(hardware, seen, cards, PIP, hides_cuda=hides_cuda)


def test_a_card_that_is_used() -> None:
    (finding,) = look(RTX, seen=ON_CUDA)
    assert finding.mark is Mark.GOOD
    assert finding.says == "NVIDIA GeForce RTX 4090 · CUDA · 25.8 GB, 21.5 GB free"
    assert finding.facts["usable"] is True


def test_an_idle_card_comes_with_the_command_for_a_build_that_has_it() -> None:
    (finding,) = look(idle=(RTX,))
    assert finding.mark is Mark.DOUBTFUL
    assert "idle: this llama.cpp has no CUDA support" in finding.says
    assert "needs the CUDA toolkit (nvcc)" in finding.says
    assert finding.advice == (
        "CMAKE_ARGS=-DGGML_CUDA=on python -m pip install --force-reinstall --no-cache-dir"
        " llama-cpp-python"
    )


@pytest.mark.parametrize(("compiler", "flag"), [(None, "VULKAN"), ("/opt/bin/hipcc", "HIP")])
def test_an_idle_radeon_is_built_for_with_what_is_there(
    monkeypatch: pytest.MonkeyPatch, compiler: str | None, flag: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: compiler if program == "hipcc" else None)
    (finding,) = look(idle=(RADEON,))
    assert finding.advice.startswith(f"CMAKE_ARGS=-DGGML_{flag}=on python -m pip install ")


def test_a_card_that_the_build_should_see_and_does_not() -> None:
    (finding,) = look(RTX, seen=ON_CPU)
    assert finding.mark is Mark.DOUBTFUL
    assert "does not see it although it is built for CUDA" in finding.says
    assert "driver" in finding.advice
    # Where the library does not open at all, that is said of the library.
    (other,) = look(RTX, seen=BuildBroken("no"))
    assert other.mark is Mark.GOOD


NVIDIA_CARD = DrmCard("NVIDIA", "NVIDIA graphics card", 0, 0)


def test_an_nvidia_card_without_its_driver() -> None:
    (finding,) = look(cards=(NVIDIA_CARD,))
    assert finding.mark is Mark.DOUBTFUL
    assert "nvidia-smi" in finding.advice
    (hidden,) = look(cards=(NVIDIA_CARD,), hides_cuda=True)
    assert hidden.mark is Mark.GOOD
    (known,) = look(RTX, cards=(NVIDIA_CARD,), seen=ON_CUDA)
    assert known.says.startswith("NVIDIA GeForce")


def test_no_card_is_nothing_to_complain_of() -> None:
    (finding,) = look()
    assert (finding.mark, finding.advice) == (Mark.GOOD, "")


@pytest.mark.parametrize(
    ("version", "built", "seen", "mark", "says", "advice"),
    [
        ("0.3.36", (), ON_CPU, Mark.GOOD, "for the processor only", ""),
        ("0.3.36", ("Vulkan", "CUDA"), ON_CUDA, Mark.GOOD, "for CUDA, Vulkan, CPU", ""),
        (None, (), BuildBroken(""), Mark.BAD, "not installed", f"{PIP} install llama-cpp-python"),
        ("0.3.36", (), BuildBroken("no."), Mark.BAD, "does not open: no", "--force-reinstall"),
    ],
)
def test_the_build(
    version: str | None,
    built: tuple[str, ...],
    seen: BuildSeen | BuildBroken,
    mark: Mark,
    says: str,
    advice: str,
) -> None:
    finding = check_build(version, frozenset(built), seen, PIP)
    assert finding.mark is mark
    assert says in finding.says
    assert advice in finding.advice
    assert finding.facts["opens"] is isinstance(seen, BuildSeen)
