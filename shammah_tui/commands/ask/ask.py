"""``shammah ask``: one question, answered on standard output."""

import argparse
import asyncio
import math
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.files.lora_switches import kept_switches
from shammah_tui.adapters.machine.hardware import MachineProbe
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
from shammah_tui.core.errors import BackendError, BackendProblem, StoreError
from shammah_tui.core.local.generator import (
    GeneratorState,
    NotAvailable,
    NotLoaded,
    Offline,
    Ready,
    Snapshot,
)
from shammah_tui.core.routing.routing import Router
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording.ending import command_note
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.core.wording.status import StatusKeys, progress, status_parts
from shammah_tui.core.wording.troubles import NO_KEY
from shammah_tui.foundation import Foundation
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.preferences import LocalPreferences
from shammah_tui.services.local.standby import LocalParts, LocalStandby, plan_with_what_is_here
from shammah_tui.services.turn.attempts import local_backend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished, Relabelled, Routed, Unanswered

DOUBTFUL_CHARACTERS = 400.0

SERVER_PATIENCE_S = 5.0
"""A second more than it takes to tell that a server cannot be reached; then Claude is asked."""


def run_ask(
    options: argparse.Namespace,
    foundation: Foundation,
    console: Console,
    local_parts: Callable[[str], LocalParts],
) -> ExitStatus:
    """Answer one question; whatever goes wrong is told in one sentence.

    Args:
        options: As ``ask_arguments`` lays them out.
        foundation: What to work with.
        console: Where to write, and where something may be piped in.
        local_parts: Returns the local side, given the model that the command line names; raises
            ``InvalidModelError`` when that is none.
    """

    def answer() -> ExitStatus:
        for problem in foundation.problems:
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
        return asyncio.run(_Ask(request, foundation, console, local_parts(request.what)).run())

    return carry_out(answer, console)


def _tell_nobody(_: str) -> None:
    """Say nothing, for ``--quiet``."""


class _Ask:
    """One question on its way.

    Args:
        request: What is asked.
        foundation: What to work with.
        console: Where to write.
        parts: What the local side is made of.
    """

    def __init__(
        self, request: AskRequest, foundation: Foundation, console: Console, parts: LocalParts
    ) -> None:
        self._request = request
        self._settings = foundation.settings
        self._console = console
        self._parts = parts
        claude = self._settings.claude
        self._claude = Claude(claude.model, claude.max_tokens, foundation.environment)
        self._output = ReplyOutput(
            console,
            as_json=request.as_json,
            quiet=request.quiet,
            coloured=not foundation.environment.get("NO_COLOR"),
        )
        shows_loading = not request.quiet and console.errors_redraw
        self._loading = ProgressLine(console.errors, redraws=True) if shows_loading else None

    async def run(self) -> ExitStatus:
        """Answer the question and return how that ended."""
        request = self._request
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._claude.aclose)
            if not self._uses_local:
                # The SDK takes 1.2 s to import: it begins while other things are looked up.
                stack.callback(asyncio.create_task(self._claude.warm_up()).cancel)
            standby = await stack.enter_async_context(self._standby())
            store = await stack.enter_async_context(
                opened_store(self._console, keeps=request.keeps)
            )
            session = ChatSession(self._turn(standby), store, self._settings.prices.cost_microusd)
            if request.continues:
                if request.keeps and (why := await kept(store, self._console)):
                    raise StoreError(why)
                await self._go_on(session)
            await self._settle(standby)
            status = await self._answer(session)
            if request.keeps and (why := await kept(store, self._console)):
                self._console.complain(words.not_kept(why))
                status = status or ExitStatus.FAILED
            return status

    @property
    def _uses_local(self) -> bool:
        """Loading takes seconds: only for who asks for it, or where nobody else answers."""
        request = self._request
        if request.pin is not None:
            return request.pin is Side.LOCAL
        return self._parts.plan.is_served or bool(request.what) or not self._claude.has_key

    def _standby(self) -> LocalStandby:
        parts, is_named = self._parts, bool(self._request.what)
        plan = plan_with_what_is_here(parts.plan, parts.source, is_named=is_named)
        if plan is None:
            return LocalStandby(None, NotAvailable(Offline()))
        if not self._uses_local:
            return LocalStandby(None, NotAvailable(NotLoaded()))

        # What was switched in the panel counts here, too; a server has its own adapters.
        preferences = LocalPreferences(
            switches=None if self._parts.plan.is_served else kept_switches()
        )

        def make(on_change: Callable[[Snapshot], None]) -> BootstrapLoader:
            probe = MachineProbe()
            return BootstrapLoader(
                plan, parts.source, parts.starter, probe, on_change, preferences=preferences
            )

        return LocalStandby(make, on_change=self._show)

    async def _settle(self, standby: LocalStandby) -> None:
        can_forward = self._claude.has_key and self._request.pin is not Side.LOCAL
        hurries = self._parts.plan.is_served and can_forward
        try:
            await standby.settled(SERVER_PATIENCE_S if hurries else None)
        finally:
            if self._loading is not None:
                self._loading.clear()
                self._loading = None

    def _show(self, state: GeneratorState) -> None:
        if self._loading is not None and not isinstance(state, Ready):
            parts = status_parts(state, StatusKeys(), claude_available=False)
            self._loading.show(parts, progress(state))

    async def _go_on(self, session: ChatSession) -> None:
        """Open the last conversation, or a copy of it where nothing is to be kept."""
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

    def _turn(self, standby: LocalStandby) -> ChatTurn:
        system = self._request.system_prompt
        no_key = BackendError(BackendProblem.NO_KEY, NO_KEY)
        return ChatTurn(
            Router(),
            self._claude if self._claude.has_key else no_key,
            lambda: local_backend(standby.active, thinking=self._settings.local.thinking),
            lambda: standby.state,
            claude_model=lambda: self._settings.claude.model,
            system_prompt=lambda: self._settings.system_prompt if system is None else system,
            # Of what a pipe has taken nothing can be taken back.
            replaces_text=False,
        )

    async def _answer(self, session: ChatSession) -> ExitStatus:
        try:
            async with aclosing(session.ask(self._request.text)) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            self._output.hold(self._doubtful_characters(event.origin))
                            self._output.label(event.label, event.help_line)
                        case TextWasThought():
                            self._output.take_back()
                        case TextDelta(piece):
                            self._output.piece(piece)
                        case Finished():
                            self._end(session)
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
            session.take_back()
            if self._output.has_text:
                self._end(session)
            raise
        raise AssertionError("A turn ends with Finished or Unanswered")

    def _doubtful_characters(self, origin: ReplyOrigin | None) -> float:
        """Return how much of a reply may turn out to have been a thought, when its tag comes.

        Of a server's model nothing is known; a model here was told not to think, or to, by its own
        template, and seldom does otherwise for long.
        """
        if origin is None or origin.side is not Side.LOCAL:
            return 0.0
        return math.inf if self._parts.plan.is_served else DOUBTFUL_CHARACTERS

    def _end(self, session: ChatSession) -> None:
        receipt = session.conversation.receipt
        if receipt is not None:
            self._output.end(receipt, session.conversation.id if self._request.keeps else None)
