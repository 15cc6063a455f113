"""Brings the local model up behind the screen, on one worker thread."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from shammah_tui.core import engine_messages, fetch_messages
from shammah_tui.core.engine_exit import exit_sentence
from shammah_tui.core.engine_messages import EngineEvent, EngineProblem, ModelLoaded
from shammah_tui.core.errors import ShammahError
from shammah_tui.core.fetch_messages import Fetched, FetchEvent, FetchFailed
from shammah_tui.core.fetch_progress import generator_events
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
    DownloadStarted,
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
from shammah_tui.core.model_choice import Choice, choose_model
from shammah_tui.core.model_spec import ModelSpec
from shammah_tui.core.recovery import SIGKILL, Recovery, StartAgain, memory_sentence
from shammah_tui.core.served_model import served_model
from shammah_tui.ports import (
    ChildExited,
    EngineLost,
    EngineStarter,
    Fetch,
    HardwareProbe,
    ModelSource,
)
from shammah_tui.services.engine_room import EngineRoom
from shammah_tui.services.load_job import TooBigError, load_job
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
        clock: Seconds, for telling a loop of failures.
    """

    def __init__(
        self,
        plan: LoadPlan,
        source: ModelSource,
        starter: EngineStarter,
        probe: HardwareProbe,
        on_change: Callable[[Snapshot], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._source = source
        self._probe = probe
        self._on_change = on_change
        self._clock = clock
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="bootstrap", daemon=True)
        self._attempt = 0
        self._model = plan.wanted
        self._fetch: Fetch | None = None
        self._engines = EngineRoom(starter, self._inbox.put)
        self._recovery = Recovery()
        self._memory_sentence = ""
        self._snapshot = Snapshot(Initializing())

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; may be read from any thread."""
        return self._snapshot

    @property
    def active(self) -> ActiveModel | None:
        """What can reply now; may be read from any thread."""
        return self._engines.active

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
        self._engines.close()

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
                self._recovery.forget()
                self._begin(self._model)

    def _switch(self, model: ModelSpec) -> None:
        self._recovery.forget()
        active = self.active
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
        in_use = self._engines.is_loading or self._fetch is not None
        if in_use and self._model is not None and self._model.id == model.id:
            return
        if self.active is not None and self.active.ready.model.id == model.id:
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
            case fetch_messages.Progressed() | fetch_messages.Checked() | fetch_messages.Waiting():
                for change in generator_events(self._snapshot.state, event):
                    self._advance(change)
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

    def _end_fetch(self) -> None:
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            fetch.stop()

    # The engine

    def _load(self, path: Path) -> None:
        model = self._model
        assert model is not None
        hardware = self._probe.probe()
        try:
            job = load_job(model, path, self._plan, hardware)
        except TooBigError as error:
            self._fail(str(error), retryable=False)
            return
        self._memory_sentence = memory_sentence(job.need_bytes, hardware.ram_free_bytes)
        # Where both do not fit, Claude answers while the machine changes over.
        if not job.fits_beside and self._engines.retire_active():
            self._publish(self._snapshot)
        self._advance(LoadStarted())
        self._attempt += 1
        attempt = self._attempt
        self._engines.load(job.command, lambda event: self._deliver_engine(attempt, event))

    def _on_engine(self, event: EngineEvent | ChildExited | EngineLost) -> None:
        match event:
            case engine_messages.LoadProgressed(fraction):
                self._advance(LoadProgressed(fraction))
            case ModelLoaded():
                self._loaded(event)
            case engine_messages.LoadFailed(problem, sentence):
                self._engines.stop_loading()
                if problem is EngineProblem.NO_LIBRARY:
                    self._advance(EngineMissing())
                elif problem is EngineProblem.NO_MEMORY:
                    self._recover(self._memory_sentence, out_of_memory=True)
                else:
                    self._fail(sentence, retryable=problem is not EngineProblem.UNSUPPORTED)
            case ChildExited() | EngineLost():
                self._engines.stop_loading()
                self._ended(event)

    def _loaded(self, event: ModelLoaded) -> None:
        found = None
        if self._model is not None and self._model.host is not None:
            found = self._model = served_model(self._model.host, event.name)
        layers, total = event.layers_on_device, event.layers_total
        loaded = Loaded(event.device, layers, total, event.context_length, found)
        ready = advance(self._snapshot.state, loaded)
        assert isinstance(ready, Ready)
        self._engines.promote(ready, self._attempt)
        self._snapshot = replace(self._snapshot, notice="")
        self._advance(loaded)

    def _ended(self, event: ChildExited | EngineLost) -> None:
        """An engine is gone: say why, and start it again where that is worth a try."""
        match event:
            case ChildExited(returncode):
                log.error("The engine exited with %d", returncode)
                killed = returncode == SIGKILL
                sentence = self._memory_sentence if killed else exit_sentence(returncode)
                self._recover(sentence, out_of_memory=killed)
            case EngineLost(sentence):
                self._fail(sentence, retryable=True)

    def _recover(self, sentence: str, *, out_of_memory: bool) -> None:
        model = self._model
        assert model is not None
        self._fail(sentence, retryable=True)
        todo = self._recovery.after(
            model, out_of_memory=out_of_memory, offered=self._plan.offered, now_s=self._clock()
        )
        if isinstance(todo, StartAgain):
            log.info("Starting again with %s", todo.model.id)
            self._publish(replace(self._snapshot, notice=sentence))
            self._begin(todo.model)

    # The state

    def _end_attempt(self) -> None:
        """Stop what is under way; nothing that it still says counts."""
        self._attempt += 1
        self._end_fetch()
        self._engines.stop_loading()

    def _deliver(self, attempt: int, handle: Callable[[Any], None], event: Any) -> None:
        """Bring a child's event from its reader thread to the worker thread."""

        def step() -> None:
            if attempt == self._attempt:
                handle(event)

        self._inbox.put(step)

    def _deliver_engine(self, attempt: int, event: EngineEvent | ChildExited | EngineLost) -> None:
        def step() -> None:
            active = self.active
            if active is not None and active.attempt == attempt:
                if isinstance(event, ChildExited | EngineLost):
                    self._engines.forget_active()
                    if self._snapshot.state.is_ready:
                        self._ended(event)
                    else:
                        self._publish(self._snapshot)
            elif attempt == self._attempt:
                self._on_engine(event)

        self._inbox.put(step)

    def _fail(self, reason: str, retryable: bool) -> None:
        self._advance(AttemptFailed(reason, retryable))

    def _advance(self, event: GeneratorEvent) -> None:
        self._publish(replace(self._snapshot, state=advance(self._snapshot.state, event)))

    def _publish(self, snapshot: Snapshot) -> None:
        active = self.active.ready if self.active is not None else None
        self._snapshot = replace(snapshot, active=active)
        self._on_change(self._snapshot)


def _unexpected(error: Exception) -> str:
    return f"Something went wrong inside ({type(error).__name__}); the log file says more"
