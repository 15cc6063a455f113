"""The engines of the local side, and the lease that keeps one until its replies are over."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.model.model_spec import revision_of
from shammah_tui.core.protocol.engine_messages import EngineEvent, LoadModel
from shammah_tui.ports import ChildExited, Engine, EngineLost, EngineStarter


class EngineLease:
    """Keeps an engine from being stopped while it replies.

    Each reply happens in ``async with lease``; reading ahead does not. ``on_idle`` is called once,
    on whichever thread ends the last reply after ``retire``.
    """

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._on_idle = on_idle
        self._lock = threading.Lock()
        self._replies = 0
        self._is_retired = False

    async def __aenter__(self) -> None:
        with self._lock:
            self._replies += 1

    async def __aexit__(self, *_: object) -> None:
        with self._lock:
            self._replies -= 1
            is_idle = self._is_retired and self._replies == 0
        if is_idle:
            self._on_idle()

    def retire(self) -> None:
        """Let the replies under way finish; ``on_idle`` says when the engine may be stopped."""
        with self._lock:
            was_retired, self._is_retired = self._is_retired, True
            is_idle = not was_retired and self._replies == 0
        if is_idle:
            self._on_idle()


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """The local model that replies now.

    Attributes:
        lease: Held by each reply of the engine.
        attempt: Number of the attempt that brought it up.
        revision: Which revision of the model it is; empty when not known.
    """

    ready: Ready
    engine: Engine
    lease: EngineLease
    attempt: int
    revision: str = ""


class Engines:
    """Owns the engines: one that loads, one that replies, those that finish a last reply.

    ``post`` queues a step for the worker thread; it may be called from any thread.
    """

    def __init__(self, starter: EngineStarter, post: Callable[[Callable[[], None]], None]) -> None:
        self._starter = starter
        self._post = post
        self._loading: Engine | None = None
        self._revision = ""
        self.active: ActiveModel | None = None
        self._retired: set[Engine] = set()
        self._once_empty: Callable[[], None] | None = None

    @property
    def is_loading(self) -> bool:
        return self._loading is not None or self._once_empty is not None

    def load(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited | EngineLost], None],
        label: str,
    ) -> None:
        """Start an engine with the model of this name; its events come on another thread."""
        self._loading = self._starter.start(job, on_event, label)
        self._revision = revision_of(job.path)

    def promote(self, ready: Ready, attempt: int) -> None:
        """Let the engine that has loaded reply from now on, instead of the one before."""
        engine, self._loading = self._loading, None
        assert engine is not None
        self._retire_active()
        lease = EngineLease(lambda: self._post(lambda: self._stop_retired(engine)))
        self.active = ActiveModel(ready, engine, lease, attempt, self._revision)

    def change_context(self, context_length: int) -> None:
        if self.active is not None:
            ready = replace(self.active.ready, context_length=context_length)
            self.active = replace(self.active, ready=ready)

    def make_room(self, then: Callable[[], None]) -> bool:
        """Let every engine that replies finish and end, and call ``then`` after that.

        Its memory is free only once its process is over. Returns False, and forgets ``then``, where
        there is no engine to wait for; ``stop_loading`` forgets it, too.
        """
        self._retire_active()
        self._once_empty = then if self._retired else None
        return self._once_empty is not None

    def _retire_active(self) -> None:
        active, self.active = self.active, None
        if active is not None:
            self._retired.add(active.engine)
            active.lease.retire()

    def forget_active(self) -> None:
        self.active = None

    def stop_loading(self) -> None:
        self._once_empty = None
        engine, self._loading = self._loading, None
        if engine is not None:
            engine.stop()

    def close(self) -> None:
        self.stop_loading()
        active, self.active = self.active, None
        for engine in (*self._retired, *([active.engine] if active else [])):
            engine.stop()
        self._retired.clear()

    def _stop_retired(self, engine: Engine) -> None:
        engine.stop()
        self._retired.discard(engine)
        then = self._once_empty
        if then is not None and not self._retired:
            self._once_empty = None
            then()
