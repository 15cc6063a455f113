"""Brings the local model up: hardware, choice, cache, download, engine.

Over 400 lines: one thread owns the state, and all that may happen to it stands here.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    Initializing,
    Loading,
    LoraState,
    NoEngine,
    NotAgreed,
    NotAvailable,
    Offline,
    Ready,
    SeveralThere,
    Snapshot,
    TooLittleMemory,
    advance,
    cancelled,
    weights_deleted,
)
from shammah_tui.core.local.speed import speed_key
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_ref import offered_choice, with_found_files
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.model.served_model import served_model
from shammah_tui.core.protocol import engine_messages, fetch_messages
from shammah_tui.core.protocol.engine_messages import EngineEvent, EngineProblem, ModelLoaded
from shammah_tui.core.protocol.fetch_messages import Fetched, FetchEvent, FetchFailed, Progressed
from shammah_tui.core.wording import notices
from shammah_tui.ports import (
    ChildExited,
    EngineLost,
    EngineStarter,
    Fetch,
    HardwareProbe,
    ModelSource,
)
from shammah_tui.services.local.climb import Climb
from shammah_tui.services.local.engines import ActiveModel, Engines
from shammah_tui.services.local.failure_policy import FailurePolicy, Setback, sentence_of
from shammah_tui.services.local.load_plan import (
    LoadPlan,
    TooBigError,
    ids_here,
    load_job,
    look_at,
    offline_plan,
)
from shammah_tui.services.local.preferences import LocalPreferences

log = logging.getLogger(__name__)

LONGEST_MEASURING_S = 30.0
"""How long a rung of the ladder waits for what was measured; from then on the estimate counts. Who
asks at once has the measuring wait for the end of a reply."""

MOST_UNASKED_BYTES = 200_000_000
"""Of what nobody named, no more is downloaded without the user's consent."""


class SerialWorker:
    """A thread that runs steps in the order in which they were put in.

    Args:
        on_error: Called on the thread with what a step raised; the thread goes on.
        at_end: Called once on the thread, after the last step.
    """

    def __init__(
        self, name: str, on_error: Callable[[Exception], None], at_end: Callable[[], None]
    ) -> None:
        self._on_error = on_error
        self._at_end = at_end
        self._steps: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, step: Callable[[], None]) -> None:
        """Queue a step; returns at once, on any thread."""
        self._steps.put(step)

    def close(self) -> None:
        """Run what is queued, end, and return then; does nothing before ``start``."""
        if self._thread.is_alive():
            self._steps.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (step := self._steps.get()) is not None:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - whoever made the thread decides
                self._on_error(error)
        self._at_end()


def _call_later(delay_s: float, call: Callable[[], None]) -> None:
    timer = threading.Timer(delay_s, call)
    timer.daemon = True
    timer.start()


class BootstrapLoader:
    """Brings a model up until it replies; without a named one by way of a smaller one.

    All work is done on one thread, in the order in which commands and the children's events come
    in; the public methods only queue a command and return at once.

    Args:
        on_change: Called on the worker thread with each new snapshot.
        clock: Seconds, for telling a loop of failures.
        absence: Why nothing is loaded; ``start`` does nothing then. None loads a model.
        has_key: Returns whether a Claude key is set, as the ladder may depend on it.
        later: Calls something on any thread after some seconds.
    """

    def __init__(
        self,
        plan: LoadPlan,
        source: ModelSource,
        starter: EngineStarter,
        probe: HardwareProbe,
        on_change: Callable[[Snapshot], None],
        clock: Callable[[], float] = time.monotonic,
        preferences: LocalPreferences | None = None,
        absence: NotAvailable | None = None,
        has_key: Callable[[], bool] = lambda: True,
        later: Callable[[float, Callable[[], None]], None] = _call_later,
    ) -> None:
        self._plan = plan
        self._source = source
        self._probe = probe
        self._on_change = on_change
        self._thread = SerialWorker("bootstrap", self._went_wrong, self._end)
        self._later = later
        self._numbers = itertools.count(1)
        self._attempt = next(self._numbers)
        self._aside = 0
        self._model = plan.wanted
        self._fetch: Fetch | None = None
        self._engines = Engines(starter, self._thread.put)
        self._failures = FailurePolicy(plan.offered, clock)
        self._given: tuple[Lora, ...] = ()
        self._preferences = preferences or LocalPreferences()
        self._absence = absence
        self._climb = Climb(plan, has_key)
        self._unfit: set[str] = set()
        self._named_id = "" if plan.wanted is None else plan.wanted.id
        self._agrees: bool | None = None
        self._snapshot = Snapshot(
            absence or Initializing(), loras=LoraState(self._preferences.switched_on(plan.loras))
        )

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; may be read from any thread."""
        return self._snapshot

    @property
    def active(self) -> ActiveModel | None:
        """What can reply now; may be read from any thread."""
        return self._engines.active

    def start(self) -> None:
        if self._absence is None:
            self._thread.start()
            self._thread.put(lambda: self._begin(self._plan.wanted))

    def cancel(self) -> None:
        """Cancel the download or the loading that is under way; what has arrived is kept."""
        self._thread.put(self._cancel)

    def retry(self) -> None:
        """Go on with what was cancelled or failed; a waiting download tries at once."""
        self._thread.put(self._retry)

    def switch(self, model: ModelSpec) -> None:
        """Bring ``model`` up; the present one goes on replying until it is ready."""
        self._thread.put(lambda: self._switch(model))

    def set_loras(self, loras: tuple[Lora, ...]) -> None:
        """Apply these LoRAs, and no others, to what replies now and to what is loaded later."""
        self._thread.put(lambda: self._set_loras(loras))

    def agree(self) -> None:
        """Download the model that waits for that, and from now on what nobody named."""
        self._thread.put(lambda: self._answer(agrees=True))

    def decline(self) -> None:
        """Download no model that nobody named, until ``agree`` or ``retry``."""
        self._thread.put(lambda: self._answer(agrees=False))

    def delete(self, model: ModelSpec, on_end: Callable[[str], None] = log.debug) -> None:
        """Delete what is here of a model; ``on_end`` is told why not, or nothing."""
        self._thread.put(lambda: on_end(self._delete(model)))

    def close(self) -> None:
        """End the children and the thread; returns when they are over."""
        self._thread.close()

    def _went_wrong(self, error: Exception) -> None:
        log.error("Bringing the model up failed", exc_info=error)
        self._end_attempt()
        if not isinstance(self._snapshot.state, Failed | NotAvailable):
            self._fail(sentence_of(error), retryable=True)

    def _end(self) -> None:
        self._end_attempt()
        self._engines.close()

    # What the user wants

    def _begin(self, model: ModelSpec | None) -> None:
        self._set_out(model)
        hardware = look_at(self._probe, self._preferences.measured)
        here = self._ids_here()
        recommended = self._plan.recommend(hardware, self._preferences.measured, here)
        choice = recommended if isinstance(recommended, Choice) else None
        self._publish(replace(self._snapshot, hardware=hardware, recommended=choice))
        if model is None:
            if not isinstance(recommended, Choice):
                needed, free = recommended.needed_bytes, recommended.budget_bytes
                absent = NotAvailable(TooLittleMemory(needed, free))
                self._stand_in(partial(self._become, absent))
                return
            log.info("Chose %s: %s", recommended.model.id, recommended.reason)
            measured = self._preferences.measured
            model = self._climb.first(recommended, hardware, measured, here)
            if self._is_agreed is False:
                self._climb.stop()
            model = self._unasked(model)
            self._become(Initializing(model))
        self._bring(model)

    def _set_out(self, model: ModelSpec | None) -> None:
        """End what is under way, for a model in its place; None is one that is not chosen yet."""
        self._end_attempt()
        self._snapshot = replace(self._snapshot, choices=())
        self._model = model
        self._become(Initializing(model))

    def _bring(self, model: ModelSpec) -> None:
        """Load a model that is here, or fetch it."""
        self._model = model
        path = self._source.find(model)
        if path is not None:
            self._learn(with_found_files(model, (path.name,)))
            self._load(path)
        else:
            self._stand_in(partial(self._fetch_absent, model))

    def _fetch_absent(self, model: ModelSpec) -> None:
        if model.local_path is not None:
            self._give_up(notices.no_file(model.local_path), retryable=True)
        elif self._plan.offline:
            self._become(NotAvailable(Offline()))
        else:
            self._start_fetch(model)

    def _ids_here(self) -> frozenset[str]:
        return ids_here(self._plan.offered, self._source)

    def _cancel(self) -> None:
        state = self._snapshot.state
        if isinstance(state, Initializing | Downloading | Loading):
            self._end_attempt()
            self._climb.stop()
            self._become(cancelled(state))
            self._stand_in()
        elif (following := self._snapshot.next_rung) is not None:
            # As if it had just begun: what retries goes on from here.
            self._climb.stop()
            self._model = following
            kept, size = self._source.kept_bytes(following), following.size_bytes or 0
            self._become(NotAvailable(DownloadCancelled(following, min(kept, size), size)))
        else:
            self._answer(agrees=False)

    def _retry(self) -> None:
        match self._snapshot.state:
            case Downloading() if self._fetch is not None:
                self._fetch.send(fetch_messages.RetryNow())
            case NotAvailable(NotAgreed()):
                self._answer(agrees=True)
            case Failed() | NotAvailable():
                self._failures.forget()
                self._unfit.clear()
                self._climb.go_on()
                self._begin(self._model)

    def _switch(self, model: ModelSpec) -> None:
        self._failures.forget()
        self._unfit.clear()
        self._climb.end()
        self._preferences.choose(model)
        self._named_id = model.id
        active = self.active
        if active is not None and active.ready.model.id == model.id:
            if not isinstance(self._snapshot.state, Ready):
                self._end_attempt()
                self._model = active.ready.model
                self._become(active.ready)
            else:
                self._publish(self._snapshot)
            return
        self._begin(model)

    def _delete(self, model: ModelSpec) -> str:
        is_wanted = self._model is not None and self._model.id == model.id
        is_active = self.active is not None and self.active.ready.model.id == model.id
        if is_active or (is_wanted and (self._engines.is_loading or self._fetch is not None)):
            return notices.IN_USE
        try:
            self._source.delete(model)
        except (ShammahError, OSError) as error:
            return str(error)
        self._preferences.forget(model)
        state = self._snapshot.state
        if is_wanted and isinstance(state, Failed | NotAvailable):
            state = weights_deleted(state)
        self._become(state)
        return ""

    def _set_loras(self, loras: tuple[Lora, ...]) -> None:
        self._preferences.switch(self._plan.loras, loras)
        state = replace(self._snapshot.loras, wanted=loras)
        if self.active is not None and not self.active.ready.model.is_starter:
            self.active.engine.set_loras(loras)
            state = state.told(loras)
        self._publish(replace(self._snapshot, loras=state))

    # The download

    def _start_fetch(self, model: ModelSpec) -> None:
        if self._asks_first(model):
            goal = self._climb.next(model, self._snapshot.recommended)
            declined = self._is_agreed is False
            offer = NotAgreed(model, self._source.folder, goal, is_declined=declined)
            self._become(NotAvailable(offer))
            return
        kept = self._source.kept_bytes(model)
        total = model.size_bytes or 0
        progress = Progressed(min(kept, total), total, parts=max(1, len(model.files)))
        self._become(Downloading(model, progress))
        deliver = partial(self._deliver, self._attempt, self._on_fetch)
        self._fetch = self._source.start_fetch(model, deliver)

    def _asks_first(self, model: ModelSpec) -> bool:
        """Return whether the user is to agree to a download: to a large one that nobody named.

        A part of it on this disk is of one that was agreed to.
        """
        size = model.size_bytes
        is_small = size is not None and size <= MOST_UNASKED_BYTES
        if is_small or model.id == self._named_id or self._source.kept_bytes(model):
            return False
        return not self._is_agreed

    @property
    def _is_agreed(self) -> bool | None:
        """Whether what nobody named may be downloaded; None while the user was not asked."""
        if self._agrees is None:
            self._agrees = self._preferences.agrees
        return self._agrees

    def _unasked(self, model: ModelSpec) -> ModelSpec:
        """Return a default, or one that is here where the user is to agree to that first."""
        if self._source.find(model) is not None or not self._asks_first(model):
            return model
        plan = offline_plan(self._plan, self._source, is_named=False)
        if plan is None:
            return model
        hardware = self._snapshot.hardware or self._probe.probe()
        choice = plan.recommend(hardware, self._preferences.measured)
        here = choice.model if isinstance(choice, Choice) else None
        return plan.wanted or here or model

    def _answer(self, *, agrees: bool) -> None:
        state = self._snapshot.state
        if isinstance(state, NotAvailable) and isinstance(state.reason, NotAgreed):
            # Also where the disk does not keep it.
            self._agrees = agrees
            self._preferences.note_answer(agrees=agrees)
            active = self.active
            if agrees:
                self._climb.go_on()
                self._begin(state.reason.model)
                return
            self._climb.stop()
            if active is None or active.ready.model.is_starter:
                self._become(NotAvailable(replace(state.reason, is_declined=True)))
            else:
                # A rung of the ladder: what replies is all that is wanted for now.
                self._model = active.ready.model
                self._become(active.ready)

    def _on_fetch(self, event: FetchEvent | ChildExited) -> None:
        match event:
            case fetch_messages.Resolved(files, repo) if self._model is not None:
                model = with_found_files(self._model, [file.name for file in files])
                self._learn(replace(model, files=files, repo=repo or model.repo))
            case fetch_messages.Progressed() | fetch_messages.Checked() | fetch_messages.Waiting():
                self._become(advance(self._snapshot.state, event))
            case Fetched(paths):
                self._end_attempt()
                self._load(Path(paths[0]))
            case FetchFailed(choices=(_, *_)) if self._model is not None:
                self._end_attempt()
                self._offer(self._model, event.choices)
            case FetchFailed():
                self._end_attempt()
                self._give_up(event.sentence, event.retryable)
            case ChildExited(returncode):
                self._end_attempt()
                log.error("The fetch child exited with %d", returncode)
                self._give_up(notices.DOWNLOAD_ENDED, True)

    def _learn(self, model: ModelSpec) -> None:
        state = self._snapshot.state
        if model != self._model and isinstance(state, Initializing | Downloading):
            self._model = model
            self._become(replace(state, model=model))

    def _offer(self, model: ModelSpec, offered: tuple[fetch_messages.Offered, ...]) -> None:
        choices = sorted(
            (offered_choice(model, each) for each in offered), key=lambda each: each.size_bytes or 0
        )
        self._snapshot = replace(self._snapshot, choices=tuple(choices))
        self._climb.stop()
        self._become(NotAvailable(SeveralThere(model.repo or "", len(choices))))
        self._stand_in()

    # What replies until the wanted model does

    def _below(self) -> tuple[ModelSpec, ...]:
        """Return what ran on the way up, the last one first, without what is wanted or failed."""
        wanted = () if self._model is None else (self._model.id,)
        return self._climb.below({*self._unfit, *wanted})

    def _stand_in(self, then: Callable[[], None] = lambda: None) -> None:
        """Have a lower rung or the starter reply where nothing else does.

        ``then`` is called once it does, or none can.
        """
        starter = self._plan.starter_model
        models = [] if self.active is not None else [*self._below()]
        if starter is not None and self.active is None and starter.id not in self._unfit:
            models.append(starter)
        for model in models:
            path = Path(model.local_path) if model.local_path else self._source.find(model)
            if path is not None and self._load_aside(model, path, then):
                return
        then()

    def _load_aside(self, model: ModelSpec, path: Path, then: Callable[[], None]) -> bool:
        """Load a model beside what is under way; returns whether that can be tried."""
        hardware = self._probe.probe()
        plan, loras = self._plan, self._snapshot.loras.wanted
        if model.is_starter:
            plan, loras = replace(plan, context_length=None, chat_template=""), ()
        careful = self._failures.careful
        try:
            job = load_job(model, path, plan, hardware, loras, careful=careful)
        except TooBigError:
            return False
        self._aside = next(self._numbers)
        deliver = partial(self._deliver, self._aside, partial(self._on_aside, model, then))
        self._engines.load(job.command, deliver, model.label)
        return True

    def _on_aside(
        self,
        model: ModelSpec,
        then: Callable[[], None],
        event: EngineEvent | ChildExited | EngineLost,
    ) -> None:
        match event:
            case ModelLoaded():
                ready = advance(Loading(model), event)
                assert isinstance(ready, Ready)
                self._engines.promote(ready, self._aside)
                self._aside = 0
                wanted = self._snapshot.loras.wanted
                applied = not model.is_starter and bool(wanted)
                loras = LoraState(wanted, pending=applied)
                self._publish(replace(self._snapshot, notice="", loras=loras))
                then()
            case engine_messages.LoadFailed() | ChildExited() | EngineLost():
                log.warning("%s cannot reply in the meantime: %s", model.id, event)
                self._unfit.add(model.id)
                self._aside = 0
                self._engines.stop_loading()
                self._stand_in(then)

    def _lost_meanwhile(self, model: ModelSpec, event: ChildExited | EngineLost) -> None:
        """Have what replies while another is brought up loaded again, once, or something else."""
        setback = self._failures.after_end(model, event)
        is_tried = setback.again is not None and setback.again.id == model.id
        if model.is_starter or not is_tried:
            self._unfit.add(model.id)
        self._publish(self._snapshot)
        if not self._engines.is_loading:
            self._stand_in()

    # The engine

    def _load(self, path: Path) -> None:
        model = self._model
        assert model is not None
        hardware = self._probe.probe()
        self._given = self._snapshot.loras.wanted
        try:
            job = load_job(
                model,
                path,
                self._plan,
                hardware,
                self._given,
                less_on_card=self._failures.less_on_card,
                careful=self._failures.careful,
            )
        except TooBigError as error:
            self._give_up(str(error), retryable=False)
            return
        # Where both do not fit, Claude answers while the machine changes over.
        once_empty = partial(self._deliver, self._attempt, self._load, path)
        waits = not job.fits_beside and self._engines.make_room(once_empty)
        self._become(Loading(model))
        if waits:
            return
        self._failures.expect(job.need_bytes, hardware.ram_free_bytes)
        deliver = partial(self._deliver, self._attempt, self._on_engine)
        self._engines.load(job.command, deliver, model.label)

    def _on_engine(self, event: EngineEvent | ChildExited | EngineLost) -> None:
        match event:
            case engine_messages.LoadProgressed():
                self._become(advance(self._snapshot.state, event))
            case ModelLoaded():
                self._loaded(event)
            case engine_messages.LoadFailed():
                self._end_attempt()
                if event.problem is EngineProblem.NO_LIBRARY:
                    self._become(NotAvailable(NoEngine()))
                else:
                    assert self._model is not None
                    self._set_back(self._failures.after_failure(self._model, event))
            case ChildExited() | EngineLost():
                self._end_attempt()
                self._ended(event)

    def _on_active(
        self, active: ActiveModel, event: EngineEvent | ChildExited | EngineLost
    ) -> None:
        loras = self._snapshot.loras
        match event:
            case ChildExited() | EngineLost():
                self._engines.forget_active()
                self._snapshot = replace(self._snapshot, loras=loras.engine_gone())
                if isinstance(self._snapshot.state, Ready):
                    self._ended(event)
                else:
                    self._lost_meanwhile(active.ready.model, event)
            case engine_messages.LorasApplied():
                self._publish(replace(self._snapshot, loras=loras.settled(event)))
            case engine_messages.ContextFound(length):
                self._engines.change_context(length)
                self._become(advance(self._snapshot.state, event))
            case engine_messages.SpeedMeasured():
                model = active.ready.model
                size = model.size_bytes or self._source.kept_bytes(model)
                self._preferences.note_speed(active.ready, size, event)
                hardware, choice = self._snapshot.hardware, None
                if hardware is not None and model.host is None:
                    measured = self._preferences.measured
                    recommended = self._plan.recommend(hardware, measured, self._ids_here())
                    choice = recommended if isinstance(recommended, Choice) else None
                self._publish(replace(self._snapshot, recommended=choice))
                self._climb_on()

    def _loaded(self, event: ModelLoaded) -> None:
        state = self._snapshot.state
        if self._model is not None and self._model.host is not None:
            self._model = served_model(self._model.host, event.name)
            state = Loading(self._model)
        ready = advance(state, event)
        assert isinstance(ready, Ready)
        self._engines.promote(ready, self._attempt)
        # What it says from here on is the active engine's, not this attempt's, which is over.
        self._attempt = next(self._numbers)
        self._climb.reached(ready.model)
        given, wanted = self._given, self._snapshot.loras.wanted
        loras = LoraState(wanted, pending=bool(given))
        self._snapshot = replace(self._snapshot, notice="", loras=loras)
        self._become(ready)
        if wanted != given:
            self._set_loras(wanted)
        if any(record.model == speed_key(ready.model) for record in self._preferences.measured):
            self._climb_on()
        elif self._climb.is_on:
            self._later(LONGEST_MEASURING_S, lambda: self._thread.put(self._climb_on))

    def _climb_on(self) -> None:
        """Bring up the next rung where there is one; the present one replies until it is ready."""
        state = self._snapshot.state
        if isinstance(state, Ready):
            following = self._climb.next(state.model, self._snapshot.recommended)
            if following is not None:
                log.info("Climbing from %s to %s", state.model.id, following.id)
                self._set_out(following)
                self._bring(following)

    def _ended(self, event: ChildExited | EngineLost) -> None:
        """Say why an engine is gone, and start it again where that is worth a try."""
        assert self._model is not None
        self._set_back(self._failures.after_end(self._model, event))

    def _set_back(self, setback: Setback) -> None:
        again, model = setback.again, self._model
        if again is not None and model is not None and again.id != model.id and self._below():
            # What ran here before replies sooner than another one that may have to be fetched.
            setback = replace(setback, again=None)
        self._snapshot = replace(self._snapshot, notice=setback.notice)
        if setback.again is None:
            self._give_up(setback.end.sentence, setback.retryable)
            return
        self._fail(setback.end.sentence, setback.retryable)
        log.info("Starting again with %s", setback.again.id)
        self._begin(setback.again)

    def _give_up(self, reason: str, retryable: bool) -> None:
        """Say what failed, and have what ran before reply; nothing more comes by itself."""
        self._climb.stop()
        if self._model is not None:
            self._unfit.add(self._model.id)
        self._fail(reason, retryable)
        self._stand_in()

    # The state

    def _end_attempt(self) -> None:
        """Stop what is under way; what it still says is dropped by ``_deliver``."""
        self._attempt, self._aside = next(self._numbers), 0
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            fetch.stop()
        self._engines.stop_loading()

    def _deliver(self, attempt: int, handle: Callable[[Any], None], event: Any) -> None:
        """Queue an event of an attempt for the worker thread, which drops it if that has ended.

        Every child's events come this way, and so does what waits for an engine's end. An engine
        that replies keeps the number of its attempt.
        """

        def step() -> None:
            active = self.active
            if active is not None and active.attempt == attempt:
                self._on_active(active, event)
            elif attempt in (self._attempt, self._aside):
                handle(event)

        self._thread.put(step)

    def _fail(self, reason: str, retryable: bool) -> None:
        state = self._snapshot.state
        model = None if isinstance(state, NotAvailable) else state.model
        self._become(Failed(model, reason, retryable))

    def _become(self, state: GeneratorState) -> None:
        self._publish(replace(self._snapshot, state=state))

    def _publish(self, snapshot: Snapshot) -> None:
        active = self.active.ready if self.active is not None else None
        follows = None
        if self._model is not None and not isinstance(snapshot.state, Failed | NotAvailable):
            follows = self._climb.next(self._model, snapshot.recommended)
        self._snapshot = replace(snapshot, active=active, next_rung=follows)
        self._on_change(self._snapshot)
