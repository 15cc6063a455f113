"""Runs of the real fetch child, for the tests."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from shammah_tui.adapters.engine.child_process import ChildProcess
from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.fetch_messages import FETCH_EVENTS, FetchJob, Waiting
from shammah_tui.ports import ChildExited
from tests.loopback.hub import LoopbackHub

Kind = TypeVar("Kind")

REPO = "owner/model"
FILE = "model-Q4_K_M.gguf"
BLOCK_BYTES = 64 * 1024


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment without this machine's Hub settings and proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("HF_", "HUGGING", "XDG_", "SHAMMAH"))
        and not name.upper().endswith("_PROXY")
    }
    return {**kept, "HOME": str(home), "SHAMMAH_STARTER": "off", **more}


def job_for(
    hub: LoopbackHub | str,
    cache: Path,
    *names: str,
    files: tuple[WeightsFile, ...] = (),
    repo: str = REPO,
    revision: str | None = None,
    quant: str | None = None,
    limit_bytes_per_s: int | None = None,
) -> FetchJob:
    """Return a job; ``names`` are files of which nothing more is known."""
    endpoint = hub if isinstance(hub, str) else hub.url
    wanted = files or tuple(WeightsFile(name) for name in names)
    return FetchJob(endpoint, repo, revision, wanted, quant, str(cache), limit_bytes_per_s)


class FetchRun:
    """One child; its events are kept.

    Args:
        job: What it shall do.
        home: Its home, and where its log goes.
        module: The module that is run.
        environment: Added to a clean environment.
    """

    def __init__(
        self,
        job: FetchJob,
        home: Path,
        module: str = "tests.children.short_fetch",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.events: list[Any] = []
        self.log_path = home / "fetch.log"
        self._changed = threading.Condition()
        self.child = ChildProcess(
            module,
            FETCH_EVENTS,
            self._on_event,
            self.log_path,
            clean_environment(home, **(environment or {})),
        )
        self.child.send(job)

    def wait_for(self, predicate: Callable[[Any], bool], timeout_s: float = 30.0) -> Any:
        """Return the first event for which ``predicate`` holds, as soon as it has come."""
        found: list[Any] = []

        def look() -> bool:
            found[:] = [event for event in self.events if predicate(event)][:1]
            return bool(found)

        with self._changed:
            assert self._changed.wait_for(look, timeout_s), self.events[-5:]
        return found[0]

    def result(self, timeout_s: float = 30.0) -> Any:
        """Return the last event before the child ended."""
        self.wait_for(lambda event: isinstance(event, ChildExited), timeout_s)
        self.child.stop()
        return self.events[-2] if len(self.events) > 1 else None

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind so far."""
        with self._changed:
            return [event for event in self.events if isinstance(event, kind)]

    @property
    def waits(self) -> list[str]:
        """What was waited for, countdowns counted once."""
        reasons: list[str] = []
        previous: Any = None
        for event in self.events:
            if isinstance(event, Waiting):
                same = isinstance(previous, Waiting) and previous.waits_for == event.waits_for
                if not (same and event.retry_in_s < previous.retry_in_s - 0.9):
                    reasons.append(event.waits_for)
            previous = event
        return reasons

    def kill(self) -> None:
        """End the child with SIGKILL and wait until it is gone."""
        os.kill(self.child.pid, signal.SIGKILL)
        self.result()

    def _on_event(self, event: Any) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
