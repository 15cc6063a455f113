"""The llama.cpp that is installed, and the devices that it uses or leaves idle."""

import shutil

from shammah_tui.adapters.machine.hardware import NVIDIA, DrmCard
from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.llama_build import (
    PACKAGE,
    BuildBroken,
    BuildSeen,
    backend_to_build,
    install_command,
    reinstall_command,
    toolkit,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import doctor as words


def check_build(
    version: str | None, built: frozenset[str], seen: BuildSeen | BuildBroken, pip: str
) -> Finding:
    accelerators = tuple(sorted(built))
    facts: dict[str, Fact] = {
        "package": PACKAGE,
        "version": version,
        "accelerators": accelerators,
        "opens": False,
    }
    if version is None:
        says = words.not_installed(PACKAGE)
        return Finding("engine", "llama.cpp", Mark.BAD, says, f"{pip} install {PACKAGE}", facts)
    name = f"{PACKAGE} {plain(version)}"
    if isinstance(seen, BuildBroken):
        says = words.does_not_open(name, plain(seen.reason).rstrip("."))
        return Finding("engine", "llama.cpp", Mark.BAD, says, reinstall_command(pip), facts)
    facts |= {"opens": True, "instructions": seen.instructions}
    facts["devices"] = tuple(device.name for device in seen.devices)
    supports = ", ".join((*accelerators, "CPU")) if accelerators else words.PROCESSOR_ONLY
    says = words.built_for(name, supports)
    return Finding("engine", "llama.cpp", Mark.GOOD, says, facts=facts)


def check_machine(hardware: Hardware) -> Finding:
    total, free = hardware.ram_total_bytes, hardware.ram_free_bytes
    return Finding(
        "machine",
        "Machine",
        Mark.GOOD,
        words.machine(hardware.physical_cores, format_size(total), format_size(free)),
        facts={
            "physical_cores": hardware.physical_cores,
            "ram_total_bytes": total,
            "ram_free_bytes": free,
        },
    )


def check_gpus(
    hardware: Hardware,
    seen: BuildSeen | BuildBroken,
    cards: tuple[DrmCard, ...],
    pip: str,
    *,
    hides_cuda: bool,
) -> tuple[Finding, ...]:
    """Return one finding for each accelerator, or one that says that there is none.

    ``hides_cuda`` says that ``CUDA_VISIBLE_DEVICES`` keeps cards from being seen.
    """
    findings = [_used(gpu, seen) for gpu in hardware.gpus]
    findings += [_idle(gpu, pip) for gpu in hardware.idle_gpus]
    known = (*hardware.gpus, *hardware.idle_gpus)
    has_nvidia = any(card.vendor == NVIDIA for card in cards)
    if has_nvidia and not hides_cuda and not any(NVIDIA in gpu.name for gpu in known):
        says, advice = words.NVIDIA_SILENT, words.INSTALL_NVIDIA
        findings.append(Finding("gpu", "GPU", Mark.DOUBTFUL, says, advice, {"usable": False}))
    if not findings:
        says = words.MODELS_ON_PROCESSOR
        findings.append(Finding("gpu", "GPU", Mark.GOOD, says, facts={"usable": False}))
    return tuple(findings)


def _used(gpu: Gpu, seen: BuildSeen | BuildBroken) -> Finding:
    sees_any = isinstance(seen, BuildSeen) and any(each.is_accelerator for each in seen.devices)
    says = f"{plain(gpu.name)} · {gpu.backend} · {_memory(gpu)}"
    if sees_any or isinstance(seen, BuildBroken):
        return Finding("gpu", "GPU", Mark.GOOD, says, facts=_facts(gpu, usable=sees_any))
    says, facts = words.unseen_card(says, gpu.backend), _facts(gpu, usable=False)
    return Finding("gpu", "GPU", Mark.DOUBTFUL, says, words.UPDATE_DRIVER, facts)


def _idle(gpu: Gpu, pip: str) -> Finding:
    backend = backend_to_build(gpu, lambda program: shutil.which(program) is not None)
    says = words.idle_card(f"{plain(gpu.name)} · {_memory(gpu)}", backend, toolkit(backend))
    advice = install_command(backend, pip)
    return Finding("gpu", "GPU", Mark.DOUBTFUL, says, advice, _facts(gpu, usable=False))


def _memory(gpu: Gpu) -> str:
    if gpu.shares_ram:
        return words.SHARED_MEMORY
    return words.card_memory(format_size(gpu.total_bytes), format_size(gpu.free_bytes))


def _facts(gpu: Gpu, *, usable: bool) -> dict[str, Fact]:
    return {
        "name": gpu.name,
        "backend": gpu.backend,
        "total_bytes": gpu.total_bytes,
        "free_bytes": gpu.free_bytes,
        "shares_ram": gpu.shares_ram,
        "usable": usable,
    }
