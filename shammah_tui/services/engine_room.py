"""The engines there are: one that loads, one that replies, and those that finish a last reply."""

from collections.abc import Callable

from shammah_tui.core.engine_messages import EngineEvent, LoadModel
from shammah_tui.core.generator import Ready
from shammah_tui.core.revision import revision_of
from shammah_tui.ports import ChildExited, Engine, EngineLost, EngineStarter
from shammah_tui.services.leased_engine import LeasedEngine
from shammah_tui.services.local_side import ActiveModel


class EngineRoom:
    """Keeps engines from the first byte loaded to the last word said.

    Args:
        starter: Makes engines.
        post: Has something done on the worker thread; may be called from any thread.
    """

    def __init__(self, starter: EngineStarter, post: Callable[[Callable[[], None]], None]) -> None:
        self._starter = starter
        self._post = post
        self._loading: Engine | None = None
        self._revision = ""
        self._active: ActiveModel | None = None
        self._retired: set[Engine] = set()

    @property
    def active(self) -> ActiveModel | None:
        """What can reply now; may be read from any thread."""
        return self._active

    @property
    def is_loading(self) -> bool:
        """Whether an engine is loading."""
        return self._loading is not None

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
        self.retire_active()
        leased = LeasedEngine(engine, lambda: self._post(lambda: self._stop_retired(engine)))
        self._active = ActiveModel(ready, leased, attempt, self._revision)

    def retire_active(self) -> bool:
        """Let the active engine finish its replies and then end; return whether there was one."""
        active, self._active = self._active, None
        if active is None:
            return False
        self._retired.add(active.backend.engine)
        active.backend.retire()
        return True

    def forget_active(self) -> None:
        """The active engine has ended by itself."""
        self._active = None

    def stop_loading(self) -> None:
        """End the engine that is loading, if there is one."""
        engine, self._loading = self._loading, None
        if engine is not None:
            engine.stop()

    def close(self) -> None:
        """End them all, whatever they are doing."""
        self.stop_loading()
        active, self._active = self._active, None
        for engine in (*self._retired, *([active.backend.engine] if active else [])):
            engine.stop()
        self._retired.clear()

    def _stop_retired(self, engine: Engine) -> None:
        self._retired.discard(engine)
        engine.stop()
