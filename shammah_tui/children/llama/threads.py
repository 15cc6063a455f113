"""Decides how many threads llama.cpp gets, and how they wait for each other.

Measured with llama-cpp-python 0.3.36 (libgomp) on two cores and a 0.7 GB model of Qwen2.5-0.5B's
shape: tokens/s with the machine idle, and with one other process that wants a core all the time:

| threads | waiting                      | idle | with the other |
|---------|------------------------------|------|----------------|
| 1       | any                          | 15.2 | 14.8           |
| 2       | libgomp's default (spinning) | 28.6 | 3.0            |
| 2       | default, ``os.nice(10)``     | 28.6 | 3.6            |
| 2       | ``OMP_WAIT_POLICY=passive``  | 19.6 | 14.1           |
| 2       | ``GOMP_SPINCOUNT=10000``     | 28.1 | 8.4            |
| 2       | ``GOMP_SPINCOUNT=1000``      | 26.6 | 13.0           |
| 2       | the same, ``os.nice(5)``     | 26.6 | 12.7           |

So threads spin briefly, then sleep. A lower priority changes nothing and is not used. One thread
that has to share its core halves the pace of all, so from three cores on one core is left to
others, which costs 1/n at most. Generating is bound by memory and gains nothing above about eight
threads; reading a prompt is bound by arithmetic and takes all that are allowed.
"""

import math
import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

import psutil

SPIN_COUNT = "1000"
MOST_GENERATING = 8

_QUOTA_FILE = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True, slots=True)
class Threads:
    """Thread counts.

    Attributes:
        generating: For one token after another.
        reading: For prompts.
    """

    generating: int
    reading: int


def set_waiting_policy(environment: MutableMapping[str, str]) -> None:
    """Bound libgomp's spinning, unless the user has; works only before libgomp is opened."""
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)


def choose_threads(cores: int, *, waits_asleep: bool) -> Threads:
    """Return the counts for a machine with ``cores`` cores.

    Args:
        cores: What ``usable_cores`` returns.
        waits_asleep: Whether waiting threads go to sleep (libgomp, bounded as above). Without
            OpenMP, ggml's own threads spin at each barrier, and a core must stay free.
    """
    free = 0 if waits_asleep and cores <= 2 else 1
    reading = max(1, cores - free)
    return Threads(generating=min(reading, MOST_GENERATING), reading=reading)


def usable_cores() -> int:
    """Return the physical cores that this process may use, at least 1.

    Hyper-threads are not counted: ggml's arithmetic keeps a core's units busy by itself.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    counts = [psutil.cpu_count(logical=False), allowed, _quota()]
    return max(1, min((int(count) for count in counts if count), default=os.cpu_count() or 1))


def _quota() -> int | None:
    """Return the control group's limit in whole cores, or None without one."""
    try:
        quota, period = _QUOTA_FILE.read_text().split()
        return max(1, math.floor(int(quota) / int(period)))
    except (OSError, ValueError):
        return None
