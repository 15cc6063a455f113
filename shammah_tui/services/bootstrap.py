"""Brings the local model up behind the screen, on one worker thread."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from shammah_tui.core import engine_messages, fetch_messages
from shammah_tui.core.engine_exit import exit_sentence
from shammah_tui.core.engine_messages import EngineEvent, EngineProblem, LoadModel, ModelLoaded
from shammah_tui.core.errors import ShammahError
from shammah_tui.core.fetch_messages import Fetched, FetchEvent, FetchFailed
from shammah_tui.core.generator import (
    Downloading,
    Failed,
    ImpossibleChangeError,
    Initializing,
    Loading,
    NotAvailable,
    Ready,
    advance,
)
from shammah_tui.core.generator_events import (
    AttemptFailed,
    Cancelled,
    DownloadChecked,
    DownloadProgressed,
    DownloadStarted,
    DownloadTruncated,
    DownloadWaiting,
    EngineMissing,
    FoundTooLittleMemory,
    GeneratorEvent,
    Loaded,
    LoadProgressed,
    LoadStarted,
    ModelChosen,
    PreviousKept,
    Restarted,
    WeightsDeleted,
    WentOffline,
)
from shammah_tui.core.model_choice import Choice, choose_model, fit_model
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.units import format_size
from shammah_tui.ports import ChildExited, Engine, EngineStarter, Fetch, HardwareProbe, ModelSource
from shammah_tui.services.leased_engine import LeasedEngine
from shammah_tui.services.local_side import ActiveModel, LoadPlan, Snapshot

log = logging.getLogger(__name__)


class BootstrapLoader:
    """From nothing to a model that replies: hardware, choice, cache, fetch, engine.

    All work is done on one thread, in the order in which commands and the children's events come
    in; the methods below only put a command into its inbox and return at once.

    Args:
        plan: What is asked for.
        source: Where weights come from.
        starter: Makes engines.
        probe: Looks at the machine.
        on_change: Called on the worker thread with each new snapshot.
    """

    def __init__(
        self,
        plan: LoadPlan,
        source: ModelSource,
        starter: EngineStarter,
        probe: HardwareProbe,
        on_change: Callable[[Snapshot], None],
    ) -> None:
        self._plan = plan
        self._source = source
        self._starter = starter
        self._probe = probe
        self._on_change = on_change
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="bootstrap", daemon=True)
        self._attempt = 0
        self._model = plan.wanted
        self._fetch: Fetch | None = None
        self._engine: Engine | None = None
        self._retired: set[Engine] = set()
        self._active: ActiveModel | None = None
        self._snapshot = Snapshot(Initializing())

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; may be read from any thread."""
        return self._snapshot

    @property
    def active(self) -> ActiveModel | None:
        """What can reply now; may be read from any thread."""
        return self._active

    def start(self) -> None:
        """Begin, on the worker thread."""
        self._thread.start()
        self._inbox.put(lambda: self._begin(self._plan.wanted))

    def cancel(self) -> None:
        """Cancel the download or the loading that is under way; what has arrived is kept."""
        self._inbox.put(self._cancel)

    def retry(self) -> None:
        """Go on with what was cancelled or failed; a waiting download tries at once."""
        self._inbox.put(self._retry)

    def switch(self, model: ModelSpec) -> None:
        """Bring ``model`` up; the present one goes on replying until it is ready."""
        self._inbox.put(lambda: self._switch(model))

    def delete(self, model: ModelSpec) -> None:
        """Delete the files of a model that is neither active nor under way."""
        self._inbox.put(lambda: self._delete(model))

    def close(self) -> None:
        """End the children and the thread; returns when they are over."""
        if self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (step := self._inbox.get()) is not None:
            try:
                step()
            except ImpossibleChangeError:
                log.exception("The state stays %s", type(self._snapshot.state).__name__)
            except Exception as error:
                log.exception("Bringing the model up failed")
                sentence = str(error) if isinstance(error, ShammahError) else _unexpected(error)
                self._end_attempt()
                self._fail(sentence, retryable=True)
        self._end_attempt()
        engines = [*self._retired, *([self._active.backend.engine] if self._active else [])]
        for engine in engines:
            engine.stop()

    # What the user wants

    def _begin(self, model: ModelSpec | None) -> None:
        self._end_attempt()
        self._advance(Restarted(model))
        hardware = self._probe.probe()
        recommended = choose_model(hardware, self._plan.device, self._plan.offered)
        choice = recommended if isinstance(recommended, Choice) else None
        self._publish(replace(self._snapshot, hardware=hardware, recommended=choice))
        if model is None:
            if not isinstance(recommended, Choice):
                self._advance(
                    FoundTooLittleMemory(recommended.needed_bytes, recommended.budget_bytes)
                )
                return
            model = recommended.model
            log.info("Chose %s: %s", model.id, recommended.reason)
            self._advance(ModelChosen(model))
        self._model = model
        path = self._source.find(model)
        if path is not None:
            self._load(path)
        elif model.local_path is not None:
            self._fail(f"There is no file {model.local_path}", retryable=True)
        elif self._plan.offline:
            self._advance(WentOffline())
        else:
            self._start_fetch(model)

    def _cancel(self) -> None:
        if isinstance(self._snapshot.state, Initializing | Downloading | Loading):
            self._end_attempt()
            self._advance(Cancelled())

    def _retry(self) -> None:
        match self._snapshot.state:
            case Downloading() if self._fetch is not None:
                self._fetch.send(fetch_messages.RetryNow())
            case Failed() | NotAvailable():
                self._begin(self._model)

    def _switch(self, model: ModelSpec) -> None:
        active = self._active
        if active is not None and active.ready.model.id == model.id:
            if not self._snapshot.state.is_ready:
                self._end_attempt()
                ready = active.ready
                self._model = model
                self._advance(
                    PreviousKept(
                        model, ready.device, ready.layers, ready.layers_total, ready.context_length
                    )
                )
            return
        self._begin(model)

    def _delete(self, model: ModelSpec) -> None:
        in_use = self._engine is not None or self._fetch is not None
        if in_use and self._model is not None and self._model.id == model.id:
            return
        if self._active is not None and self._active.ready.model.id == model.id:
            return
        freed = self._source.delete(model)
        log.info("Deleted %s, %d bytes", model.id, freed)
        state = self._snapshot.state
        if isinstance(state, Failed | NotAvailable) and self._model is model:
            self._advance(WeightsDeleted())
        else:
            self._publish(self._snapshot)

    # The download

    def _start_fetch(self, model: ModelSpec) -> None:
        attempt = self._attempt
        kept = self._source.kept_bytes(model)
        total = model.size_bytes or 0
        self._advance(DownloadStarted(min(kept, total), total, max(1, len(model.files))))
        self._fetch = self._source.start_fetch(
            model, lambda event: self._deliver(attempt, self._on_fetch, event)
        )

    def _on_fetch(self, event: FetchEvent | ChildExited) -> None:
        match event:
            case fetch_messages.Resolved(_, files) if self._model is not None:
                self._model = replace(self._model, files=files)
            case fetch_messages.Progressed(done, total, rate, part, parts):
                self._follow_counts(done, total)
                self._advance(DownloadProgressed(done, total, rate, part, parts))
            case fetch_messages.Checked(checked, kept):
                self._advance(DownloadChecked(checked, kept))
            case fetch_messages.Waiting(reason, retry_in_s, done, total):
                self._follow_counts(done, total)
                self._advance(DownloadWaiting(reason, retry_in_s, done, total))
            case Fetched(_, paths):
                self._end_fetch()
                self._load(Path(paths[0]))
            case FetchFailed():
                self._end_fetch()
                self._fail(event.sentence, event.retryable)
            case ChildExited(returncode):
                self._end_fetch()
                log.error("The fetch child exited with %d", returncode)
                self._fail("The download stopped unexpectedly; what has arrived is kept", True)

    def _follow_counts(self, done: int, total: int) -> None:
        """Tell the state why its figures go back: a file replaced upstream, or bad bytes."""
        state = self._snapshot.state
        if not isinstance(state, Downloading):
            return
        if state.total_bytes and total and total != state.total_bytes:
            self._advance(Restarted(state.model))
            self._advance(DownloadStarted(done, total, state.parts))
        elif done < state.done_bytes:
            self._advance(DownloadTruncated(done))

    def _end_fetch(self) -> None:
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            fetch.stop()

    # The engine

    def _load(self, path: Path) -> None:
        model = self._model
        assert model is not None
        sized = model
        if model.size_bytes is None:
            sized = replace(model, files=(WeightsFile(path.name, path.stat().st_size),))
        hardware = self._probe.probe()
        choice = fit_model(sized, hardware, self._plan.device, self._plan.context_length)
        need = choice.need_bytes or 0
        if need > max(hardware.ram_total_bytes, *(gpu.total_bytes for gpu in hardware.gpus), 0):
            self._fail(
                f"{model.label} needs {format_size(need)} and this machine has "
                f"{format_size(hardware.ram_total_bytes)}: choose a smaller one",
                retryable=False,
            )
            return
        if self._active is not None and need > choice.budget_bytes:
            # Both do not fit: Claude answers while the machine changes over.
            self._retire_active()
        self._advance(LoadStarted())
        self._attempt += 1
        attempt = self._attempt
        self._engine = self._starter.start(
            LoadModel(str(path), choice.context_length, choice.device, self._plan.threads),
            lambda event: self._deliver_engine(attempt, event),
        )

    def _on_engine(self, event: EngineEvent | ChildExited) -> None:
        match event:
            case engine_messages.LoadProgressed(fraction):
                self._advance(LoadProgressed(fraction))
            case ModelLoaded():
                self._loaded(event)
            case engine_messages.LoadFailed(problem, sentence):
                self._end_engine()
                if problem is EngineProblem.NO_LIBRARY:
                    self._advance(EngineMissing())
                else:
                    self._fail(sentence, retryable=problem is not EngineProblem.UNSUPPORTED)
            case ChildExited(returncode):
                log.error("The engine exited with %d", returncode)
                self._end_engine()
                self._fail(exit_sentence(returncode), retryable=True)

    def _loaded(self, event: ModelLoaded) -> None:
        engine = self._engine
        assert engine is not None
        self._engine = None
        self._retire_active()
        backend = LeasedEngine(engine, lambda: self._inbox.put(lambda: self._stop_retired(engine)))
        loaded = Loaded(
            event.device, event.layers_on_device, event.layers_total, event.context_length
        )
        ready = advance(self._snapshot.state, loaded)
        assert isinstance(ready, Ready)
        self._active = ActiveModel(ready, backend, self._attempt)
        self._advance(loaded)

    def _retire_active(self) -> None:
        if self._active is not None:
            backend, self._active = self._active.backend, None
            self._retired.add(backend.engine)
            backend.retire()
            self._publish(self._snapshot)

    def _stop_retired(self, engine: Engine) -> None:
        self._retired.discard(engine)
        engine.stop()

    def _active_exited(self, event: ChildExited) -> None:
        log.error("The engine that was ready exited with %d", event.returncode)
        self._active = None
        if self._snapshot.state.is_ready:
            self._fail(exit_sentence(event.returncode), retryable=True)
        else:
            self._publish(self._snapshot)

    def _end_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop()

    # The state

    def _end_attempt(self) -> None:
        """Stop what is under way; nothing that it still says counts."""
        self._attempt += 1
        self._end_fetch()
        self._end_engine()

    def _deliver(self, attempt: int, handle: Callable[[Any], None], event: Any) -> None:
        """Bring a child's event from its reader thread to the worker thread."""

        def step() -> None:
            if attempt == self._attempt:
                handle(event)

        self._inbox.put(step)

    def _deliver_engine(self, attempt: int, event: EngineEvent | ChildExited) -> None:
        def step() -> None:
            active = self._active
            if active is not None and active.attempt == attempt:
                if isinstance(event, ChildExited):
                    self._active_exited(event)
            elif attempt == self._attempt:
                self._on_engine(event)

        self._inbox.put(step)

    def _fail(self, reason: str, retryable: bool) -> None:
        self._advance(AttemptFailed(reason, retryable))

    def _advance(self, event: GeneratorEvent) -> None:
        self._publish(replace(self._snapshot, state=advance(self._snapshot.state, event)))

    def _publish(self, snapshot: Snapshot) -> None:
        active = self._active.ready if self._active is not None else None
        self._snapshot = replace(snapshot, active=active)
        self._on_change(self._snapshot)


def _unexpected(error: Exception) -> str:
    return f"Something went wrong inside ({type(error).__name__}); the log file says more"
