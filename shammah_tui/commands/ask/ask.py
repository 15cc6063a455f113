"""``shammah ask``: one question, answered on standard output."""

import argparse
import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, aclosing, suppress

from shammah_tui.commands.ask.ask_failure import (
    sentences_of,
    status_of_reply,
    status_of_troubles,
)
from shammah_tui.commands.ask.ask_output import ReplyOutput
from shammah_tui.commands.ask.ask_question import (
    AskRequest,
    NoQuestionError,
    TooMuchPipedError,
    request_from,
)
from shammah_tui.commands.ask.piped_bytes import NotTextError
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history.history_store import kept, opened_store
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.commands.models.progress_line import ProgressLine
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import TextDelta, TextWasThought
from shammah_tui.core.errors import StoreError
from shammah_tui.core.local.generator import Failed, NotAvailable, Ready, Snapshot
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording.ending import command_note
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.core.wording.status import StatusKeys, progress, status_parts
from shammah_tui.ports import ConversationStore
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.services import Services
from shammah_tui.services.turn.turn_events import Finished, Relabelled, Routed, Unanswered

DOUBTFUL_CHARACTERS = 400.0

SERVER_PATIENCE_S = 5.0
"""A second more than it takes to tell that a server cannot be reached; then Claude is asked."""

AGAIN_S = 0.1
"""A failure after which nothing is begun again for so long is the end."""

MakeServices = Callable[[ConversationStore, Callable[[Snapshot], None]], Services]
"""Makes the services over a store, given what takes the local model's snapshots."""


def run_ask(
    options: argparse.Namespace,
    console: Console,
    environment: Mapping[str, str],
    problems: tuple[str, ...],
    services_for: Callable[[AskRequest], MakeServices],
) -> ExitStatus:
    """Answer one question; whatever goes wrong is told in one sentence.

    ``services_for`` raises ``InvalidModelError`` when the request names what is not a model.
    """

    def answer() -> ExitStatus:
        for problem in problems:
            console.complain(problem)
        try:
            tell = _tell_nobody if options.quiet else console.complain
            request = request_from(options, console.answers, tell)
        except (NoQuestionError, NotTextError) as error:
            console.complain(str(error))
            return ExitStatus.USAGE
        except TooMuchPipedError as error:
            console.complain(str(error))
            return ExitStatus.TOO_LONG
        return asyncio.run(_run(request, console, environment, services_for(request)))

    return carry_out(answer, console)


def _tell_nobody(_: str) -> None: ...


async def _run(
    request: AskRequest, console: Console, environment: Mapping[str, str], make: MakeServices
) -> ExitStatus:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_store(console, keeps=request.keeps))
        wait = LoadWait()
        services = make(store, wait.tell)
        loader = services.loader
        if services.aclose is not None:
            stack.push_async_callback(services.aclose)
        if services.warm_up is not None and isinstance(loader.snapshot.state, NotAvailable):
            # The SDK takes 1.2 s to import: it begins while other things are looked up.
            stack.callback(asyncio.create_task(services.warm_up()).cancel)
        stack.push_async_callback(asyncio.to_thread, loader.close)
        loader.start()
        ask = _Ask(request, console, environment, services)
        if request.continues:
            if request.keeps and (why := await kept(store, console)):
                raise StoreError(why)
            await ask.go_on()
        await ask.settle(wait, can_forward=services.key.has_key)
        status = await ask.answer()
        if request.keeps and (why := await kept(store, console)):
            console.complain(words.not_kept(why))
            status = status or ExitStatus.FAILED
        return status


class LoadWait:
    """Waits on the loop for a loader, which works on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None

    def tell(self, _: Snapshot) -> None:
        """Take a snapshot, on the loader's thread."""
        # The loop is closed when the program was interrupted twice.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        self._changed.set()
        self.on_change()

    async def until_settled(self, loader: BootstrapLoader, patience_s: float | None = None) -> None:
        """Return when a model can reply, or none will; or when the patience is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not await self._is_settled(loader):
                    await self._changed.wait()

    async def _is_settled(self, loader: BootstrapLoader) -> bool:
        self._changed.clear()
        match loader.snapshot.state:
            case Ready() | NotAvailable():
                return True
            case Failed():
                # The loader may try again by itself, with another model or other settings.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), AGAIN_S)
                return not self._changed.is_set()
            case _:
                return False


class _Ask:
    def __init__(
        self,
        request: AskRequest,
        console: Console,
        environment: Mapping[str, str],
        services: Services,
    ) -> None:
        self._request = request
        self._console = console
        self._services = services
        self._session = services.session
        self._output = ReplyOutput(
            console,
            as_json=request.as_json,
            quiet=request.quiet,
            coloured=not environment.get("NO_COLOR"),
        )

    async def settle(self, wait: LoadWait, *, can_forward: bool) -> None:
        loader = self._services.loader
        hurries = can_forward and self._request.pin is not Side.LOCAL
        line = ProgressLine(self._console.errors, redraws=True)

        def show() -> None:
            state = loader.snapshot.state
            if not isinstance(state, Ready):
                parts = status_parts(state, StatusKeys(), claude_available=False)
                line.show(parts, progress(state))

        if not self._request.quiet and self._console.errors_redraw:
            wait.on_change = show
        try:
            is_served = self._services.plan.is_served
            await wait.until_settled(loader, SERVER_PATIENCE_S if hurries and is_served else None)
        finally:
            wait.on_change = lambda: None
            line.clear()

    async def go_on(self) -> None:
        """Open the last conversation, or a copy of it where nothing is to be kept."""
        session = self._session
        last = await session.store.last_conversation()
        if not self._request.keeps:
            async with opened_store(self._console, makes=False) as there:
                last = await there.last_conversation()
                if last is not None:
                    await session.store.import_records(
                        [each async for each in there.records((last,))]
                    )
        if last is not None:
            await session.conversation.open(last)
        elif not self._request.quiet:
            self._console.complain(words.NONE_TO_CONTINUE)

    async def answer(self) -> ExitStatus:
        try:
            async with aclosing(self._session.ask(self._request.text)) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            self._output.hold(self._doubtful_characters(event.origin))
                            self._output.label(event.label, event.help_line)
                            if event.note and not self._request.quiet:
                                self._console.complain(words.STARTER_ANSWERS)
                        case TextWasThought():
                            self._output.take_back()
                        case TextDelta(piece):
                            self._output.piece(piece)
                        case Finished():
                            self._end()
                            if note := command_note(
                                event.stop_reason, event.interrupted, event.text
                            ):
                                self._console.complain(note)
                            return status_of_reply(event)
                        case Unanswered():
                            self._output.help_line(event.help_line)
                            troubles, what = event.troubles, self._request.what
                            for sentence in sentences_of(troubles, what):
                                self._console.complain(sentence)
                            return status_of_troubles(troubles, what)
        except asyncio.CancelledError:
            self._session.take_back()
            if self._output.has_text:
                self._end()
            raise
        raise AssertionError("A turn ends with Finished or Unanswered")

    def _doubtful_characters(self, origin: ReplyOrigin | None) -> float:
        """Return how much of a reply may turn out to have been a thought, when its tag comes.

        Of a server's model nothing is known; a model here was told not to think, or to, by its own
        template, and seldom does otherwise for long.
        """
        if origin is None or origin.side is not Side.LOCAL:
            return 0.0
        return math.inf if self._services.plan.is_served else DOUBTFUL_CHARACTERS

    def _end(self) -> None:
        conversation = self._session.conversation
        if conversation.receipt is not None:
            kept_id = conversation.id if self._request.keeps else None
            self._output.end(conversation.receipt, kept_id)
