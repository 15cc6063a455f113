"""The way out of this machine: whoever asks Claude does it through here."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field, replace

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.leaving import leaving
from shammah_tui.core.conversation.pins import Side, split_pin
from shammah_tui.core.conversation.records import SENT_ON, StoredMessage
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
    Warming,
    goes_on,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import Failed, GeneratorState, NotAvailable
from shammah_tui.core.model.sampling import sampling_for
from shammah_tui.core.routing.context_window import (
    ContextUse,
    estimate_text_tokens,
    estimate_tokens,
    leaves_room,
    shorten,
)
from shammah_tui.core.routing.crisis import HELP_LINE
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local, RouteDecision, Router
from shammah_tui.core.text.blank import is_blank
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.labels import ReplyOrigin, reply_label
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.unanswered import (
    CONTRADICTION,
    QUESTION_TOO_LONG,
    STAYS_HERE,
    empty_question,
    nobody_answers,
    pinned_side_fails,
    private_fails,
)
from shammah_tui.ports import Backend, CachingBackend, ReplyOptions
from shammah_tui.services.local.engine_room import ActiveModel
from shammah_tui.services.turn.turn_events import (
    CutReply,
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    Trouble,
    TurnEvent,
    Unanswered,
)


class WayOut:
    """Claude, who is told only what may leave this machine.

    Args:
        claude: Whom to ask.
    """

    def __init__(self, claude: Backend) -> None:
        self._claude = claude

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Reply as Claude does to what may leave; see ``ports.Backend.reply``."""
        told = leaving(conversation).conversation
        async with aclosing(self._claude.reply(told, options)) as events:
            async for event in events:
                yield event


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """The local side at one moment.

    Attributes:
        backend: Whom to ask.
        label: Its model's name for people.
        context_length: Tokens of its context; None when not known.
        options: What its replies are asked for with.
        revision: Which revision of the model it is, for receipts; empty when not known.
        lease: Held during each reply, so that the engine is not stopped under it.
    """

    backend: CachingBackend
    label: str
    context_length: int | None = None
    options: ReplyOptions = field(default_factory=ReplyOptions)
    revision: str = ""
    lease: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)


def local_backend(active: ActiveModel | None, *, thinking: bool) -> LocalBackend | None:
    """Return the local side with the model that is active; None where none is."""
    if active is None:
        return None
    model = active.ready.model
    sampling = sampling_for(model.family, model.params_b, thinking=thinking)
    return LocalBackend(
        active.engine,
        model.label,
        active.ready.context_length,
        ReplyOptions(sampling=sampling, enable_thinking=thinking),
        active.revision,
        active.lease,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    backend: Backend
    options: ReplyOptions
    model: str = ""
    context_length: int | None = None
    revision: str = ""
    lease: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)


PRIVATE = "Claude is not available in a private conversation: start a normal one with Ctrl+N"

_SMALLEST_SHARE = 0.25
"""Of the context: a conversation that was refused is shortened to half of it, then to a quarter."""
_MARGIN = 0.95
"""Of what should fit into a context that a refusal has named, for the count is an estimate."""


class ChatTurn:
    """Has questions answered by the side that the router chooses, or by the other one.

    When the chosen side fails before any text came, the other one is asked, once. A pin is kept:
    a message pinned to one side is never sent to the other. What came before a failure is kept
    and marked as broken off; where it is the local side's, Claude answers anew, once.

    Args:
        router: Who decides.
        claude: Claude, or why it cannot be asked (no key is set).
        local: Returns the local side when one can reply now.
        generator: Returns the local model's newest state.
        claude_options: Returns what Claude's replies are asked for with.
        claude_model: Returns the id of Claude's model, for labels before the API has told it.
        system_prompt: Returns what both sides are told before the conversation; may be empty.
        keys: Returns what the keys are called now.
        replaces_text: Whether Claude may answer anew when the local side breaks off in the middle
            of its text; False for who cannot take back what was shown.
    """

    def __init__(
        self,
        router: Router,
        claude: Backend | BackendError,
        local: Callable[[], LocalBackend | None],
        generator: Callable[[], GeneratorState],
        *,
        claude_options: Callable[[], ReplyOptions] = ReplyOptions,
        claude_model: Callable[[], str] = str,
        system_prompt: Callable[[], str] = str,
        keys: Callable[[], StatusKeys] = StatusKeys,
        replaces_text: bool = True,
    ) -> None:
        self._router = router
        self._claude = claude if isinstance(claude, BackendError) else WayOut(claude)
        self._local = local
        self._generator = generator
        self._claude_options = claude_options
        self._claude_model = claude_model
        self._system_prompt = system_prompt
        self._keys = keys
        self._replaces_text = replaces_text

    async def run(
        self, conversation: Conversation, text: str, *, is_private: bool = False
    ) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question; ``Finished`` or ``Unanswered`` comes last.

        Closing the iterator, or cancelling whoever waits for it, stops the reply at once; the
        deltas that came are then all there is.

        Args:
            conversation: Questions and replies so far, without the system prompt.
            text: The new message as it was typed, with its pin if it has one.
            is_private: Whether nobody but the local side may be asked, whatever the text says.
        """
        pin, question = split_pin(text)
        turn = self.ask(conversation, question, pin, is_private=is_private)
        async with aclosing(turn) as events:
            async for event in events:
                yield event

    async def ask(
        self,
        conversation: Conversation,
        question: str,
        pin: Side | None,
        *,
        side: Side | None = None,
        is_private: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question; as ``run``.

        Args:
            conversation: Questions and replies so far, without the system prompt.
            question: The new message without its pin.
            pin: The side that it is pinned to, if any.
            side: Who is to reply this time, whatever the router thinks; None is the pin's side.
            is_private: Whether nobody but the local side may be asked, whatever the pin says.
        """
        chosen = side or pin
        if is_blank(question):
            yield Unanswered(empty_question(pin), None)
            return
        if chosen is Side.CLAUDE and (refusal := _refusal(question, pin, is_private=is_private)):
            yield Unanswered(refusal, None)
            return
        if is_private:
            chosen = Side.LOCAL
        stays_here = is_private or pin is Side.LOCAL
        asked = Message(Role.USER, question, stays_here)
        prompt = (*self._told(), *conversation, asked)
        decision = self._decide(question, chosen, prompt, self._generator())
        first = Side.LOCAL if isinstance(decision, Local) else Side.CLAUDE
        begun = CutReply(first, decision, prompt, question, "", "", is_private, pin)
        async with aclosing(self._ask(begun, goes_on=False)) as events:
            async for event in events:
                yield event

    async def go_on(self, cut: CutReply) -> AsyncGenerator[TurnEvent, None]:
        """Stream the rest of a reply that was cut; as ``run``.

        The side that gave it is asked first. ``Finished.text`` has both pieces.
        """
        async with aclosing(self._ask(cut, goes_on=True)) as events:
            async for event in events:
                yield event

    def cut_of(
        self, before: Conversation, question: StoredMessage, reply: StoredMessage
    ) -> CutReply:
        """Return what it takes to go on with a reply that was kept.

        Args:
            before: Questions and replies before its question.
            question: What was asked.
            reply: It; has a receipt.
        """
        assert reply.receipt is not None
        side, is_crisis = reply.receipt.side, reply.receipt.reason == SENT_ON
        pin = Side.LOCAL if question.is_private else question.pin
        decision: RouteDecision = Local(1.0, pinned=pin is Side.LOCAL, crisis=is_crisis)
        if side is Side.CLAUDE:
            reasons = {each.value: each for each in ForwardReason}
            usual = ForwardReason.Crisis if is_crisis else ForwardReason.LowConfidence
            reason = ForwardReason.UserPinned if pin is Side.CLAUDE else usual
            decision = Forward(reasons.get(reply.receipt.reason, reason), crisis=is_crisis)
        asked = Message(Role.USER, question.text, question.stays_here)
        return CutReply(
            side,
            decision,
            (*self._told(), *before, asked),
            question.text,
            reply.text,
            reply.thought,
            question.is_private,
            question.pin,
            reply.stays_here,
        )

    async def warm(
        self, conversation: Conversation, draft: str = "", *, is_private: bool = False
    ) -> AsyncGenerator[Warming, None]:
        """Have the local model read a conversation ahead of its next question, if there is one.

        Closing the iterator ends it at once; what was read stays.

        Args:
            conversation: Questions and replies so far, without the system prompt.
            draft: What has been typed of the next question. If somebody else or nobody would be
                asked, were it sent now, nothing is read.
            is_private: As for ``run``.
        """
        if draft:
            found = self._draft_prompt(conversation, draft, is_private)
        else:
            found = self.local_prompt(conversation)
        if found is None:
            return
        local, prompt = found
        async with aclosing(local.backend.warm(prompt, local.options)) as steps:
            async for step in steps:
                yield step

    def local_prompt(self, conversation: Conversation) -> tuple[LocalBackend, Conversation] | None:
        """Return the local side, and what it is told of a conversation.

        None when no model is ready, there is no conversation, or it is too long for the model.
        """
        local = self._local()
        if local is None or not conversation:
            return None
        prompt = (*self._told(), *conversation)
        length = local.context_length
        if length is not None and not leaves_room(estimate_tokens(prompt), length):
            return None
        return local, prompt

    def _draft_prompt(
        self, conversation: Conversation, draft: str, is_private: bool
    ) -> tuple[LocalBackend, Conversation] | None:
        pin, question = split_pin(draft)
        if is_blank(question) or (is_private and pin is Side.CLAUDE):
            return None
        found = self.local_prompt((*conversation, Message(Role.USER, question)))
        if found is None:
            return None
        chosen = Side.LOCAL if is_private else pin
        is_here = isinstance(self._decide(question, chosen, found[1], self._generator()), Local)
        return found if is_here else None

    async def _ask(self, cut: CutReply, *, goes_on: bool) -> AsyncGenerator[TurnEvent, None]:
        chosen, decision = cut.side, cut.decision
        begun = Message(Role.ASSISTANT, cut.text, cut.stays_here)
        prompt = (*cut.prompt, begun) if goes_on else cut.prompt
        generator = self._generator()
        help_line = HELP_LINE if decision.crisis else None
        troubles: dict[Side, Trouble] = {}
        is_routed = False
        broken: Finished | None = None
        other = Side.CLAUDE if chosen is Side.LOCAL else Side.LOCAL
        sides = [chosen] if cut.is_pinned else [chosen, other]
        room = _Room()
        while True:
            if sides:
                side = sides.pop(0)
            elif room.is_left(troubles.get(Side.LOCAL)):
                # Nobody else is left to ask: the estimate of the tokens was too low.
                side = Side.LOCAL
            else:
                break
            asked = self._asked(side)
            if not isinstance(asked, _Asked):
                troubles[side] = asked
                continue
            shown, left_out, kept_here = prompt, 0, 0
            if side is Side.CLAUDE:
                try:
                    allowed = leaving(prompt)
                except BackendError as error:
                    troubles[side] = error
                    continue
                shown, kept_here = allowed.conversation, allowed.kept_here
            if asked.context_length is not None:
                shown, left_out = shorten(shown, room.bound(asked.context_length))
            if side is Side.LOCAL and not room.take(shown):
                # The very same was refused before.
                continue
            stays_here = side is Side.LOCAL and any(each.stays_here for each in shown)
            first_trouble = troubles.get(chosen) if side is not chosen else None
            problem = None if first_trouble is None else _problem(first_trouble)
            origin = ReplyOrigin(
                side,
                decision,
                generator,
                asked.model,
                problem,
                left_out=left_out,
                revision=asked.revision,
                is_private=cut.is_private,
                kept_here=kept_here,
                stays_here=stays_here,
            )
            label = reply_label(origin)
            if broken is not None:
                yield TakenOver(label, origin, broken)
            elif is_routed:
                yield Relabelled(label, help_line, origin)
            else:
                yield Routed(label, help_line, cut.question, origin, cut.pin, cut)
            is_routed = True
            pieces: list[str] = []
            counted: ReplyBegun | None = None
            told = cut.thought if side is chosen else ""
            thoughts = [told]
            try:
                async with aclosing(_reply(asked, shown, "".join(thoughts))) as events:
                    async for event in events:
                        match event:
                            case ReplyBegun():
                                if side is Side.CLAUDE and event.model:
                                    origin = replace(origin, model=event.model)
                                    label = reply_label(origin)
                                counted = replace(event, label=label)
                                yield counted
                            case ThinkingDelta(piece) if piece:
                                thoughts.append(piece)
                                if broken is None:
                                    yield event
                            case TextDelta(piece) if piece:
                                if broken is not None and any(thoughts):
                                    # Held back: thoughts alone would take the place of a text.
                                    yield ThinkingDelta("".join(thoughts))
                                broken = None
                                pieces.append(piece)
                                yield event
                            case TextWasThought() if pieces or cut.text:
                                thoughts += [cut.text, *pieces]
                                pieces.clear()
                                cut = replace(cut, text="")
                                yield event
                            case ReplyDone() if broken is not None:
                                yield broken
                                return
                            case ReplyDone():
                                so_far = cut.with_more(side, pieces, thoughts, stays_here)
                                length = asked.context_length
                                if event.context_length is not None:
                                    length = event.context_length
                                    unseen = max(left_out, shorten(prompt, length)[1])
                                    origin = replace(origin, left_out=unseen)
                                yield _finished(event, so_far, origin, length)
                                return
            except BackendError as error:
                if pieces:
                    came = "".join((*thoughts, *pieces))[len(told) :]
                    so_far = cut.with_more(side, pieces, thoughts, stays_here)
                    broken = _broken_off(error, so_far, origin, counted, came)
                    may_ask = self._replaces_text and Side.CLAUDE in sides
                    if not may_ask or isinstance(self._claude, BackendError):
                        sides.clear()
                    # Whoever is asked now answers anew, also where this was to go on with a text.
                    cut, prompt = replace(cut, text="", thought=""), cut.prompt
                if broken is not None and not sides:
                    yield broken
                    return
                troubles[side] = _of_question(error, cut.prompt) if side is Side.LOCAL else error
        yield Unanswered(self._why_unanswered(cut, troubles), help_line, troubles)

    def _told(self) -> Conversation:
        """What stands before every conversation."""
        system = self._system_prompt()
        return (Message(Role.SYSTEM, system),) if system.strip() else ()

    def _decide(
        self, question: str, pin: Side | None, prompt: Conversation, generator: GeneratorState
    ) -> RouteDecision:
        local = self._local()
        return self._router.route_with_generator_check(
            question,
            local is not None,
            pin=pin,
            is_expected=not isinstance(generator, Failed | NotAvailable),
            prompt_tokens=estimate_tokens(prompt),
            context_length=None if local is None else local.context_length,
        )

    def _asked(self, side: Side) -> "_Asked | Trouble":
        if side is Side.CLAUDE:
            if isinstance(self._claude, BackendError):
                return self._claude
            return _Asked(self._claude, self._claude_options(), self._claude_model())
        # Looked up again: a model may have become ready while Claude was tried.
        local = self._local()
        if local is None:
            return self._generator()
        return _Asked(
            local.backend,
            local.options,
            local.label,
            local.context_length,
            local.revision,
            local.lease,
        )

    def _why_unanswered(self, asked: CutReply, troubles: dict[Side, Trouble]) -> str:
        keys, side = self._keys(), asked.side
        if asked.is_private:
            return private_fails(troubles[side], keys)
        if asked.is_pinned:
            return pinned_side_fails(side, troubles[side], keys)
        claude = troubles[Side.CLAUDE]
        assert isinstance(claude, BackendError)
        return nobody_answers(troubles[Side.LOCAL], claude, keys)


class _Room:
    """How long a conversation the local side is sent, after it refused a longer one."""

    def __init__(self) -> None:
        self._share = 1.0
        self._told: int | None = None
        self._sent: Conversation = ()
        self._is_over = False

    def bound(self, context_length: int) -> int:
        """Return the estimated tokens that what is sent and a reply must fit into."""
        length = int(context_length * self._share)
        return length if self._told is None else min(length, self._told)

    def take(self, conversation: Conversation) -> bool:
        """Note what is sent; return False where that is what was sent before."""
        is_new = conversation != self._sent
        self._sent = conversation
        return is_new

    def is_left(self, trouble: Trouble | None) -> bool:
        """Make room after a refusal; return whether to ask once more."""
        if self._is_over or not _is_too_long(trouble) or self._share <= _SMALLEST_SHARE:
            return False
        assert isinstance(trouble, BackendError)
        if trouble.context_length is None:
            self._share /= 2
            return True
        # What it counted, against what was estimated here; a little less, for that varies.
        estimated = estimate_tokens(self._sent)
        counted = max(trouble.prompt_tokens or 0, estimated, trouble.context_length + 1)
        self._told = int(trouble.context_length * estimated / counted * _MARGIN)
        self._is_over = True
        return True


def _refusal(question: str, pin: Side | None, *, is_private: bool) -> str:
    """Return why Claude may not be asked, though it is named; empty where it may."""
    if is_private:
        return PRIVATE
    if pin is Side.LOCAL:
        return STAYS_HERE
    return CONTRADICTION if split_pin(question)[0] is Side.LOCAL else ""


async def _reply(
    asked: _Asked, prompt: Conversation, thought: str
) -> AsyncGenerator[ReplyEvent, None]:
    options = replace(asked.options, begun_thought=thought)
    async with asked.lease, aclosing(asked.backend.reply(prompt, options)) as events:
        async for event in events:
            yield event
            if isinstance(event, ReplyDone):
                return
    raise BackendError(BackendProblem.SERVER_ERROR, "The reply ended early: send it again")


def _of_question(error: BackendError, prompt: Conversation) -> BackendError:
    """Say of a refused conversation that it is its only question that is too long."""
    if not _is_too_long(error) or sum(each.role is Role.USER for each in prompt) > 1:
        return error
    return BackendError(
        error.problem,
        f"{QUESTION_TOO_LONG} for the local model",
        "shorten it",
        context_length=error.context_length,
        prompt_tokens=error.prompt_tokens,
    )


def _is_too_long(trouble: Trouble | None) -> bool:
    return isinstance(trouble, BackendError) and trouble.problem is BackendProblem.CONTEXT_TOO_LONG


def _problem(trouble: Trouble) -> BackendProblem:
    return trouble.problem if isinstance(trouble, BackendError) else BackendProblem.NOT_READY


def _finished(
    done: ReplyDone, reply: CutReply, origin: ReplyOrigin, context_length: int | None
) -> Finished:
    usage = done.usage
    if origin.side is Side.CLAUDE:
        origin = replace(origin, model=done.model or origin.model)
    context_use = None
    if context_length is not None and usage.prompt_tokens is not None:
        used = usage.prompt_tokens + (usage.reply_tokens or 0)
        context_use = ContextUse(used, context_length)
    return Finished(
        reply.text,
        reply_label(replace(origin, usage=usage)),
        done.stop_reason,
        usage,
        done.model,
        context_use=context_use,
        cut=reply if goes_on(done.stop_reason, "") else None,
        left_out=origin.left_out,
    )


def _broken_off(
    error: BackendError,
    reply: CutReply,
    origin: ReplyOrigin,
    counted: ReplyBegun | None,
    came: str,
) -> Finished:
    tokens, model = (None, "") if counted is None else (counted.prompt_tokens, counted.model)
    usage = Usage(tokens, estimate_text_tokens(came), is_estimated=True)
    # What to do is another thing now that there is a reply to go on with.
    said = f"{error.sentence_of_fact}." if error.advice else str(error)
    return Finished(
        reply.text,
        reply_label(origin),
        None,
        usage,
        model,
        interrupted=plain(said),
        cut=reply,
        problem=error.problem,
        left_out=origin.left_out,
    )
