"""One question and what becomes of it: routed, asked, taken over where one side fails."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from shammah_tui.core.context_window import shorten
from shammah_tui.core.conversation import Conversation, Message, Role
from shammah_tui.core.crisis import HELP_LINE
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.generator import Failed, GeneratorState, NotAvailable
from shammah_tui.core.labels import ReplyOrigin, reply_label
from shammah_tui.core.pins import Side, split_pin
from shammah_tui.core.plain_text import plain
from shammah_tui.core.reply import ReplyDone, ReplyEvent, StopReason, TextDelta, Usage
from shammah_tui.core.routing import Local, RouteDecision, Router
from shammah_tui.core.status import StatusKeys
from shammah_tui.core.tokens import estimate_tokens
from shammah_tui.core.unanswered import empty_question, nobody_answers, pinned_side_fails
from shammah_tui.ports import Backend, ReplyOptions


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """The local side at one moment.

    Attributes:
        backend: Whom to ask.
        label: Its model's name for people.
        context_length: Tokens of its context; None when not known.
        options: What its replies are asked for with.
    """

    backend: Backend
    label: str
    context_length: int | None = None
    options: ReplyOptions = field(default_factory=ReplyOptions)


@dataclass(frozen=True, slots=True)
class Routed:
    """A side is being asked.

    Attributes:
        label: Who and why; begins with ``Claude`` or ``Local``.
        help_line: Where to find help, when the question speaks of danger.
        question: What is asked, without the pin: the text to remember in the conversation.
    """

    label: str
    help_line: str | None
    question: str


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The side asked first gave nothing and the other one is being asked."""

    label: str
    help_line: str | None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the reply; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is over.

    Attributes:
        text: The whole reply, which may be empty.
        label: Who replied and why, with the pace where it is known.
        stop_reason: Why it ended; None when it broke off.
        usage: Tokens and pace.
        model: The model's name as the backend reports it; empty when the reply broke off.
        interrupted: What broke it off, as a sentence; empty otherwise.
    """

    text: str
    label: str
    stop_reason: StopReason | None
    usage: Usage
    model: str
    interrupted: str = ""

    @property
    def note(self) -> str:
        """What to show below a reply that did not end by itself; empty otherwise."""
        match self.stop_reason:
            case None:
                return f"Broken off: {self.interrupted}"
            case StopReason.LENGTH:
                return "Cut off: the limit on a reply's length was reached"
            case StopReason.STOPPED:
                return "Stopped"
            case StopReason.REFUSAL:
                return "The model declined"
            case StopReason.END_TURN:
                return "" if self.text.strip() else "The reply is empty; ask in other words"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody replied; the question, pin included, stays with the user to be sent again.

    Attributes:
        sentence: Why, and what to do.
        help_line: Where to find help, when the question speaks of danger.
    """

    sentence: str
    help_line: str | None


TurnEvent = Routed | Relabelled | Delta | Finished | Unanswered


@dataclass(frozen=True, slots=True)
class _Asked:
    backend: Backend
    options: ReplyOptions
    model: str = ""
    context_length: int | None = None


_Trouble = BackendError | GeneratorState

_SMALLEST_SHARE = 0.25
"""Of the context: a conversation that was refused is shortened to half of it, then to a quarter."""


class ChatTurn:
    """Has questions answered by the side that the router chooses, or by the other one.

    When the chosen side fails before any text came, the other one is asked, once. A pin is kept:
    a message pinned to one side is never sent to the other. What came before a failure is kept
    and marked as broken off.

    Args:
        router: Who decides.
        claude: Claude, or why it cannot be asked (no key is set).
        local: Returns the local side when one can reply now.
        generator: Returns the local model's newest state.
        claude_options: Returns what Claude's replies are asked for with.
        system_prompt: Returns what both sides are told before the conversation; may be empty.
        keys: Returns what the keys are called now.
    """

    def __init__(
        self,
        router: Router,
        claude: Backend | BackendError,
        local: Callable[[], LocalBackend | None],
        generator: Callable[[], GeneratorState],
        *,
        claude_options: Callable[[], ReplyOptions] = ReplyOptions,
        system_prompt: Callable[[], str] = str,
        keys: Callable[[], StatusKeys] = StatusKeys,
    ) -> None:
        self._router = router
        self._claude = claude
        self._local = local
        self._generator = generator
        self._claude_options = claude_options
        self._system_prompt = system_prompt
        self._keys = keys

    async def run(self, conversation: Conversation, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question; ``Finished`` or ``Unanswered`` comes last.

        Closing the iterator, or cancelling whoever waits for it, stops the reply at once; the
        deltas that came are then all there is.

        Args:
            conversation: Questions and replies so far, without the system prompt.
            text: The new message as it was typed, with its pin if it has one.
        """
        pin, question = split_pin(text)
        if not question.strip():
            yield Unanswered(empty_question(pin), None)
            return
        prompt = self._prompt(conversation, question)
        generator = self._generator()
        decision = self._decide(text, prompt, generator)
        help_line = HELP_LINE if decision.crisis else None
        chosen, other = (
            (Side.LOCAL, Side.CLAUDE) if isinstance(decision, Local) else (Side.CLAUDE, Side.LOCAL)
        )
        troubles: dict[Side, _Trouble] = {}
        is_routed = False
        sides = [chosen] if pin is not None else [chosen, other]
        share = 1.0
        while True:
            if sides:
                side = sides.pop(0)
            elif share > _SMALLEST_SHARE and _is_too_long(troubles.get(Side.LOCAL)):
                # Nobody else is left to ask: the estimate of the tokens was too low.
                side, share = Side.LOCAL, share / 2
            else:
                break
            asked = self._asked(side)
            if not isinstance(asked, _Asked):
                troubles[side] = asked
                continue
            shown, left_out = prompt, 0
            if asked.context_length is not None:
                shown, left_out = shorten(prompt, int(asked.context_length * share))
            first_trouble = troubles.get(chosen) if side is not chosen else None
            problem = None if first_trouble is None else _problem(first_trouble)
            origin = ReplyOrigin(side, decision, generator, asked.model, problem, left_out=left_out)
            label = reply_label(origin)
            yield Relabelled(label, help_line) if is_routed else Routed(label, help_line, question)
            is_routed = True
            pieces: list[str] = []
            try:
                async with aclosing(_reply(asked, shown)) as events:
                    async for event in events:
                        match event:
                            case TextDelta(piece) if piece:
                                pieces.append(piece)
                                yield Delta(piece)
                            case ReplyDone():
                                yield _finished(event, "".join(pieces), origin)
                                return
            except BackendError as error:
                if pieces:
                    yield _broken_off(error, "".join(pieces), label)
                    return
                troubles[side] = error
        yield Unanswered(self._why_unanswered(pin, troubles), help_line)

    def _prompt(self, conversation: Conversation, question: str) -> Conversation:
        system = self._system_prompt()
        before = (Message(Role.SYSTEM, system),) if system.strip() else ()
        return (*before, *conversation, Message(Role.USER, question))

    def _decide(self, text: str, prompt: Conversation, generator: GeneratorState) -> RouteDecision:
        local = self._local()
        return self._router.route_with_generator_check(
            text,
            local is not None,
            is_expected=not isinstance(generator, Failed | NotAvailable),
            prompt_tokens=estimate_tokens(prompt),
            context_length=None if local is None else local.context_length,
        )

    def _asked(self, side: Side) -> "_Asked | _Trouble":
        if side is Side.CLAUDE:
            if isinstance(self._claude, BackendError):
                return self._claude
            return _Asked(self._claude, self._claude_options())
        # Looked up again: a model may have become ready while Claude was tried.
        local = self._local()
        if local is None:
            return self._generator()
        return _Asked(local.backend, local.options, local.label, local.context_length)

    def _why_unanswered(self, pin: Side | None, troubles: dict[Side, _Trouble]) -> str:
        keys = self._keys()
        if pin is not None:
            return pinned_side_fails(pin, troubles[pin], keys)
        claude = troubles[Side.CLAUDE]
        assert isinstance(claude, BackendError)
        return nobody_answers(troubles[Side.LOCAL], claude, keys)


async def _reply(asked: _Asked, prompt: Conversation) -> AsyncGenerator[ReplyEvent, None]:
    async with aclosing(asked.backend.reply(prompt, asked.options)) as events:
        async for event in events:
            yield event
            if isinstance(event, ReplyDone):
                return
    raise BackendError(BackendProblem.SERVER_ERROR, "The reply came without its end; send it again")


def _is_too_long(trouble: _Trouble | None) -> bool:
    return isinstance(trouble, BackendError) and trouble.problem is BackendProblem.CONTEXT_TOO_LONG


def _problem(trouble: _Trouble) -> BackendProblem:
    return trouble.problem if isinstance(trouble, BackendError) else BackendProblem.NOT_READY


def _finished(done: ReplyDone, text: str, origin: ReplyOrigin) -> Finished:
    label = reply_label(replace(origin, usage=done.usage))
    return Finished(text, label, done.stop_reason, done.usage, done.model)


def _broken_off(error: BackendError, text: str, label: str) -> Finished:
    return Finished(text, label, None, Usage(), "", interrupted=plain(str(error)))
