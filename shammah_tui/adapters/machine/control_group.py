"""The limits that a Linux control group (a container, a service) sets on this process."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

UNLIMITED_BYTES = 2**60
"""Version 1 says "no limit" with a number near 2**63, rounded down to pages."""

DROPPABLE = ("active_file", "inactive_file", "slab_reclaimable")
"""What the kernel gives back before it kills: pages of files, whenever they were last read, and
its own caches (``memory.stat``). Memory of tmpfs is counted as anonymous, rightly."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The tightest memory limit of this process; file cache that can be dropped counts as free."""

    limit_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """Where to look."""

    mount: Path = Path("/sys/fs/cgroup")
    membership: Path = Path("/proc/self/cgroup")

    def memory_limit(self) -> MemoryLimit | None:
        limits: list[MemoryLimit] = []
        for folder in self._folders(""):
            used = _number(folder / "memory.current")
            # Above ``memory.high`` nobody is killed, but everything is slowed down to a crawl.
            bounds = [_number(folder / name) for name in ("memory.max", "memory.high")]
            limits.extend(_limit(folder, bounds, used))
        for folder in self._folders("memory"):
            used = _number(folder / "memory.usage_in_bytes")
            bounds = [_number(folder / "memory.limit_in_bytes")]
            limits.extend(_limit(folder, bounds, used))
        if not limits:
            return None
        return MemoryLimit(
            min(each.limit_bytes for each in limits), min(each.free_bytes for each in limits)
        )

    def processors(self) -> int | None:
        """Return how many processors' time may be used, rounded up, or None for all."""
        quotas: list[float] = []
        for folder in self._folders(""):
            quota, _, period = _text(folder / "cpu.max").partition(" ")
            if quota.isdigit() and period.isdigit():
                quotas.append(int(quota) / max(1, int(period)))
        for folder in self._folders("cpu"):
            quota_us = _number(folder / "cpu.cfs_quota_us")
            period_us = _number(folder / "cpu.cfs_period_us")
            if quota_us and period_us:
                quotas.append(quota_us / period_us)
        return max(1, math.ceil(min(quotas))) if quotas else None

    def _folders(self, controller: str) -> Iterator[Path]:
        """Yield the folder of this process's group and of each group around it.

        ``controller`` is one of version 1, or empty for version 2.
        """
        for line in _text(self.membership).splitlines():
            _, _, rest = line.partition(":")
            controllers, _, group = rest.partition(":")
            if controller not in controllers.split(","):
                continue
            # A group outside this mount's view is written with "..": its limit is the root's.
            parts = [part for part in PurePosixPath(group).parts if part not in {"/", ".."}]
            root = self.mount / controller
            for depth in range(len(parts), -1, -1):
                yield root.joinpath(*parts[:depth])


def _limit(folder: Path, bounds: Iterable[int | None], used: int | None) -> Iterator[MemoryLimit]:
    limits = [bound for bound in bounds if bound is not None and bound < UNLIMITED_BYTES]
    if not limits or used is None:
        return
    limit = min(limits)
    counts: dict[str, int] = {}
    for line in _text(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if value.isdigit():
            counts[name] = int(value)
    # Version 1 counts the groups within a group under names of their own, as version 2 always does.
    droppable = sum(counts.get(f"total_{name}", counts.get(name, 0)) for name in DROPPABLE)
    yield MemoryLimit(limit, max(0, min(limit, limit - used + droppable)))


def _number(path: Path) -> int | None:
    written = _text(path)
    return int(written) if written.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
