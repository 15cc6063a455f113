"""The local model as a backend: an engine child that loads once and then replies."""

import asyncio
import contextlib
import itertools
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path

from shammah_tui.adapters.engine.child_process import ChildProcess
from shammah_tui.adapters.engine.watchdog import Watchdog
from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
    Warming,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.child_environment import engine_environment
from shammah_tui.core.protocol.engine_messages import (
    ENGINE_EVENTS,
    Alive,
    EngineCommand,
    EngineEvent,
    EngineProblem,
    LoadFailed,
    LoadModel,
    LoadProgressed,
    LorasApplied,
    ModelLoaded,
    PromptProgressed,
    ReplyDelta,
    ReplyFailed,
    ReplyFinished,
    ReplyWasThought,
    RequestReply,
    SetLoras,
    SpeedMeasured,
    StopReply,
    ThoughtDelta,
    WarmUp,
    WarmUpFinished,
)
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.engine import end_by_exit, end_by_hang
from shammah_tui.ports import ChildExited, ReplyOptions

ENGINE_MODULE = "shammah_tui.children.llama"

HANG_S = 30.0
"""Longest silence of a child that has something to do: it gives a sign of life every second."""

_ReplyEvent = (
    PromptProgressed
    | ThoughtDelta
    | ReplyDelta
    | ReplyWasThought
    | ReplyFinished
    | ReplyFailed
    | WarmUpFinished
)
_Events = asyncio.Queue[_ReplyEvent | ChildExited]


class LocalEngineStarter:
    """Starts engine children.

    Args:
        log_path: Where their stderr goes, appended.
        environment: That of this process; the children see of it what they need.
        hang_s: Longest silence of a child that has something to do.
    """

    def __init__(
        self,
        log_path: Path,
        environment: Mapping[str, str],
        module: str = ENGINE_MODULE,
        hang_s: float = HANG_S,
    ) -> None:
        self._hang_s = hang_s
        self._log_path = log_path
        self._environment = engine_environment(environment)
        self._module = module

    def start(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited], None],
        label: str = "",
    ) -> "LocalEngine":
        """Begin to load; the first event may come before this returns.

        Raises:
            OSError: The child could not be started, or its log not be opened.
        """
        return LocalEngine(job, on_event, label, self._spawn, self._hang_s)

    def _spawn(self, on_event: Callable[[EngineEvent | ChildExited], None]) -> ChildProcess:
        return ChildProcess(
            self._module, ENGINE_EVENTS, on_event, self._log_path, self._environment
        )


class LocalEngine:
    """One engine child.

    Replies may be asked for while it still loads: they begin when it is done. Several at once are
    given one after another. A child that hangs is killed.

    Args:
        job: What to load, and how.
        on_event: Given the load events and ``ChildExited``, on another thread.
        label: The model's name for people; the GGUF's own name when empty.
        spawn: Starts the child, given where its events go.
        hang_s: Longest silence while it loads, replies or warms up.
    """

    def __init__(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited], None],
        label: str,
        spawn: Callable[[Callable[[EngineEvent | ChildExited], None]], ChildProcess],
        hang_s: float = HANG_S,
    ) -> None:
        self._on_event = on_event
        self._model = label or Path(job.path).stem
        self._named = bool(label)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._replies: dict[int, Callable[[_ReplyEvent | ChildExited], None]] = {}
        self._end_sentence = ""
        self._exit: ChildExited | None = None
        self._outgoing: queue.SimpleQueue[EngineCommand | LoadModel | None] = queue.SimpleQueue()
        self._outgoing.put(job)
        self._silence_s: float | None = None
        self._hang_s = hang_s
        self._watchdog = Watchdog(hang_s, self._end_hung)
        try:
            self._child = spawn(self._take)
        except BaseException:
            self._watchdog.close()
            raise
        # Only now is there something to kill; what has come already is a sign of life at most.
        self._watchdog.begin()
        # A pipe takes 64 KiB before it makes the writer wait, and the event loop must not: a
        # thread writes, which also keeps a stop behind the request that it belongs to.
        threading.Thread(target=self._write, name="write engine", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply; closing the iterator stops it in the child.

        Raises:
            BackendError: The child ended, the conversation does not fit, or llama.cpp failed.
        """
        id_, events = self._listen()
        self._outgoing.put(
            RequestReply(
                id_,
                conversation,
                options.max_tokens,
                options.sampling,
                options.enable_thinking,
                options.begun_thought,
                options.is_aside,
            )
        )
        over = False
        try:
            while not over:
                event = await events.get()
                match event:
                    case ReplyDelta(text=text):
                        yield TextDelta(text)
                    case ThoughtDelta(text=text):
                        yield ThinkingDelta(text)
                    case ReplyWasThought():
                        yield TextWasThought()
                    case ReplyFinished():
                        over = True
                        yield self._done(event)
                    case ReplyFailed(problem=problem, sentence=sentence):
                        over = True
                        raise BackendError(_problem(problem), sentence)
                    case ChildExited():
                        over = True
                        raise self._gone(event)
                    case PromptProgressed(done_tokens=done, total_tokens=total):
                        if done == total:
                            yield ReplyBegun(total, self._model)
                    case WarmUpFinished():
                        pass
        finally:
            self._forget(id_, over)

    async def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        try:
            id_, events = self._listen()
        except BackendError:
            return
        self._outgoing.put(WarmUp(id_, conversation, options.enable_thinking))
        over = False
        try:
            while not over:
                match await events.get():
                    case PromptProgressed(done_tokens=done, total_tokens=total):
                        yield Warming(done, total)
                    case WarmUpFinished(prompt_tokens=total, done_tokens=done):
                        over = True
                        if total:
                            yield Warming(done, total)
                    case ChildExited():
                        over = True
                    case _:
                        pass
        finally:
            self._forget(id_, over)

    def set_loras(self, loras: Sequence[Lora]) -> None:
        self._outgoing.put(SetLoras(tuple(loras)))

    def stop(self) -> None:
        """End the child and return when it is over; may be called from any thread, and twice."""
        with self._lock:
            self._end_sentence = self._end_sentence or notices.MODEL_UNLOADED
        self._child.stop()

    def _listen(self) -> tuple[int, _Events]:
        id_, loop = next(self._ids), asyncio.get_running_loop()
        events: _Events = asyncio.Queue()

        def deliver(event: _ReplyEvent | ChildExited) -> None:
            # A loop that has been closed raises, and has nobody waiting either.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(events.put_nowait, event)

        with self._lock:
            if self._exit is not None:
                raise self._gone(self._exit)
            self._replies[id_] = deliver
        self._watchdog.begin()
        return id_, events

    def _forget(self, id_: int, over: bool) -> None:
        with self._lock:
            self._replies.pop(id_, None)
        self._watchdog.end()
        if not over:
            self._outgoing.put(StopReply(id_))

    def _end_hung(self) -> None:
        with self._lock:
            if not self._end_sentence:
                self._silence_s = self._hang_s
                self._end_sentence = end_by_hang(self._hang_s).sentence
        self._child.kill()

    def _take(self, event: EngineEvent | ChildExited) -> None:
        self._watchdog.hear()
        if isinstance(event, _ReplyEvent):
            with self._lock:
                deliver = self._replies.get(event.id)
            # Nobody listens to what still arrives of a stopped reply.
            if deliver is not None:
                deliver(event)
            return
        match event:
            case Alive():
                return
            case ModelLoaded(name=name):
                self._watchdog.end()
                if name and not self._named:
                    self._model = name
            case LoadFailed(sentence=sentence):
                with self._lock:
                    self._end_sentence = sentence
            case ChildExited():
                self._outgoing.put(None)
                self._watchdog.close()
                with self._lock:
                    event = ChildExited(event.returncode, self._silence_s)
                    self._exit = event
                    waiting = list(self._replies.values())
                for deliver in waiting:
                    deliver(event)
            case LoadProgressed() | LorasApplied() | SpeedMeasured():
                pass
        self._on_event(event)

    def _write(self) -> None:
        while (message := self._outgoing.get()) is not None:
            self._child.send(message)

    def _done(self, event: ReplyFinished) -> ReplyDone:
        usage = Usage(
            prompt_tokens=event.prompt_tokens,
            reply_tokens=event.reply_tokens,
            tokens_per_s=event.tokens_per_s,
            first_token_s=event.first_token_s,
            reread_tokens=event.reread_tokens,
        )
        return ReplyDone(event.stop_reason, usage, self._model)

    def _gone(self, exit_: ChildExited) -> BackendError:
        sentence = self._end_sentence or end_by_exit(exit_.returncode).sentence
        return BackendError(BackendProblem.ENGINE_GONE, sentence)


def _problem(problem: EngineProblem) -> BackendProblem:
    if problem is EngineProblem.CONTEXT_TOO_LONG:
        return BackendProblem.CONTEXT_TOO_LONG
    return BackendProblem.SERVER_ERROR
