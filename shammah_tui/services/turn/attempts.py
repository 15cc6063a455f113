"""The attempts of a turn: which side is asked next, and what it is sent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.leaving import leaving
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import ReplyBegun, ReplyDone, Usage, goes_on
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import GeneratorState
from shammah_tui.core.model.sampling import sampling_for
from shammah_tui.core.routing.context_window import (
    ContextUse,
    estimate_text_tokens,
    estimate_tokens,
    shorten,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.labels import ReplyOrigin, reply_label
from shammah_tui.core.wording.troubles import question_too_long
from shammah_tui.ports import Backend, CachingBackend, ReplyOptions
from shammah_tui.services.local.engines import ActiveModel
from shammah_tui.services.turn.live_reply import CutReply, LiveReply
from shammah_tui.services.turn.turn_events import Finished, Trouble

_SMALLEST_SHARE = 0.25
"""Of the context: a conversation that was refused is shortened to half of it, then to a quarter."""
STARTER_PROMPT = "Answer in English."
"""SmolLM2 knows no other language, and without this begins to speak French where France is named:
26 of 30 small questions were answered with it, 21 without."""
_MARGIN = 0.95
"""Of what should fit into a context that a refusal has named, for the count is an estimate."""


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """The local side as it is now; ``lease`` keeps the engine from being stopped during a reply."""

    backend: CachingBackend
    label: str
    context_length: int | None = None
    options: ReplyOptions = field(default_factory=ReplyOptions)
    revision: str = ""
    lease: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    is_starter: bool = False


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
        model.is_starter,
    )


@dataclass(slots=True)
class Attempt:
    """One request to one side.

    Attributes:
        sent: The part of the prompt that fits, and that may leave this machine.
        counted: What it has counted of the conversation; None before that.
    """

    origin: ReplyOrigin
    backend: Backend
    options: ReplyOptions
    sent: Conversation
    prompt: Conversation
    context_length: int | None = None
    lease: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    counted: ReplyBegun | None = None

    @property
    def label(self) -> str:
        return reply_label(self.origin)

    def count(self, begun: ReplyBegun) -> ReplyBegun:
        """Keep the count and the model's name; return the event with the label that results."""
        if self.origin.side is Side.CLAUDE and begun.model:
            self.origin = replace(self.origin, model=begun.model)
        self.counted = begun
        return replace(begun, label=self.label)

    def finished(self, done: ReplyDone, reply: LiveReply) -> Finished:
        usage, origin, length = done.usage, self.origin, self.context_length
        if done.context_length is not None:
            length = done.context_length
            unseen = max(origin.left_out, shorten(self.prompt, length)[1])
            origin = replace(origin, left_out=unseen)
        if origin.side is Side.CLAUDE:
            origin = replace(origin, model=done.model or origin.model)
        context_use = None
        if length is not None and usage.prompt_tokens is not None:
            context_use = ContextUse(usage.prompt_tokens + (usage.reply_tokens or 0), length)
        return Finished(
            reply.text,
            reply_label(replace(origin, usage=usage)),
            done.stop_reason,
            usage,
            done.model,
            context_use=context_use,
            cut=reply.cut() if goes_on(done.stop_reason, "") else None,
            left_out=origin.left_out,
        )

    def broken_off(self, error: BackendError, reply: LiveReply) -> Finished:
        counted = self.counted
        tokens, model = (None, "") if counted is None else (counted.prompt_tokens, counted.model)
        # What to do is another thing now that there is a reply to go on with.
        sentence = f"{error.sentence_of_fact}." if error.advice else str(error)
        return Finished(
            reply.text,
            self.label,
            None,
            Usage(tokens, estimate_text_tokens(reply.streamed), is_estimated=True),
            model,
            interrupted=plain(sentence),
            cut=reply.cut(),
            left_out=self.origin.left_out,
        )


class Plan:
    """The attempts of one turn, in their order, each made when it is its turn.

    First the side that was chosen, then the other one unless the question is pinned; then the local
    side again with less of the conversation, where that was too long for it.

    Attributes:
        troubles: Why each side that was asked gave no reply.
    """

    def __init__(
        self,
        begun: CutReply,
        prompt: Conversation,
        claude: Callable[[], Backend | BackendError],
        claude_model: Callable[[], str],
        local: Callable[[], LocalBackend | None],
        generator: Callable[[], GeneratorState],
    ) -> None:
        self._begun = begun
        self._prompt = prompt
        self._claude = claude
        self._claude_model = claude_model
        self._local = local
        self._generator = generator
        self._state = generator()
        self._limit = _PromptLimit()
        other = Side.CLAUDE if begun.side is Side.LOCAL else Side.LOCAL
        self._sides = [begun.side] if begun.is_pinned else [begun.side, other]
        self.troubles: dict[Side, Trouble] = {}

    def __iter__(self) -> Iterator["Attempt"]:
        # When no side is left, a conversation that was too long is shortened and sent again: the
        # estimate of its tokens was too low.
        while self._sides or self._limit.lower(self.troubles.get(Side.LOCAL)):
            side = self._sides.pop(0) if self._sides else Side.LOCAL
            attempt = self._claude_attempt() if side is Side.CLAUDE else self._local_attempt()
            if isinstance(attempt, Attempt):
                yield attempt
            elif attempt is not None:
                self.troubles[side] = attempt

    def fail(self, attempt: "Attempt", error: BackendError) -> None:
        side = attempt.origin.side
        self.troubles[side] = self._local_trouble(error) if side is Side.LOCAL else error

    def take_over(self, *, may_replace: bool) -> bool:
        """Have only Claude asked from now on, since a side broke off in the middle of its text.

        Returns whether it is still to be asked; not unless its text may replace what was shown.
        """
        may_ask = may_replace and not isinstance(self._claude(), BackendError)
        self._sides = [each for each in self._sides if may_ask and each is Side.CLAUDE]
        # It answers anew, also where the local side was to go on with a text.
        self._prompt = self._begun.prompt
        return bool(self._sides)

    def _claude_attempt(self) -> "Attempt | Trouble":
        claude = self._claude()
        if isinstance(claude, BackendError):
            return claude
        try:
            allowed = leaving(self._prompt)
        except BackendError as error:
            return error
        model, kept_here = self._claude_model(), allowed.kept_here
        return Attempt(
            replace(self._origin(Side.CLAUDE), model=model, kept_here=kept_here),
            claude,
            self._options(Side.CLAUDE, ReplyOptions()),
            allowed.conversation,
            self._prompt,
        )

    def _local_attempt(self) -> "Attempt | Trouble | None":
        """Return the next attempt; None where the local side refused the very same before."""
        # Looked up again: a model may have become ready while Claude was tried.
        local = self._local()
        if local is None:
            return self._generator()
        sent, left_out = self._prompt, 0
        if local.context_length is not None:
            sent, left_out = shorten(sent, self._limit.tokens(local.context_length))
        if not self._limit.take(sent):
            return None
        if local.is_starter and all(each.role is not Role.SYSTEM for each in sent):
            sent = (Message(Role.SYSTEM, STARTER_PROMPT), *sent)
        origin = replace(
            self._origin(Side.LOCAL),
            model=local.label,
            left_out=left_out,
            revision=local.revision,
            stays_here=any(each.stays_here for each in sent),
            is_starter=local.is_starter,
        )
        return Attempt(
            origin,
            local.backend,
            self._options(Side.LOCAL, local.options),
            sent,
            self._prompt,
            context_length=local.context_length,
            lease=local.lease,
        )

    def _origin(self, side: Side) -> ReplyOrigin:
        begun, problem = self._begun, None
        first = self.troubles.get(begun.side)
        if side is not begun.side and first is not None:
            problem = first.problem if isinstance(first, BackendError) else BackendProblem.NOT_READY
        return ReplyOrigin(
            side,
            begun.decision,
            self._state,
            other_problem=problem,
            is_private=begun.is_private,
        )

    def _options(self, side: Side, options: ReplyOptions) -> ReplyOptions:
        # What the other side thought is not its own.
        thought = self._begun.thought if side is self._begun.side else ""
        return replace(options, begun_thought=thought)

    def _local_trouble(self, error: BackendError) -> BackendError:
        # Of a conversation with one question it is the question that is too long.
        questions = sum(each.role is Role.USER for each in self._begun.prompt)
        if not _is_too_long(error) or questions > 1:
            return error
        return question_too_long(error)


class _PromptLimit:
    """The length of the conversation that the local side is sent; less after each refusal."""

    def __init__(self) -> None:
        self._share = 1.0
        self._length: int | None = None
        self._sent: Conversation = ()
        self._is_measured = False

    def tokens(self, context_length: int) -> int:
        length = int(context_length * self._share)
        return length if self._length is None else min(length, self._length)

    def take(self, conversation: Conversation) -> bool:
        """Keep what is sent; return False where it is the same as before."""
        is_new = conversation != self._sent
        self._sent = conversation
        return is_new

    def lower(self, trouble: Trouble | None) -> bool:
        """Lower the limit after a refusal; return whether to ask once more."""
        if self._is_measured or not _is_too_long(trouble) or self._share <= _SMALLEST_SHARE:
            return False
        assert isinstance(trouble, BackendError)
        if trouble.context_length is None:
            self._share /= 2
            return True
        # What it counted, against what was estimated here; a little less, for that varies.
        estimated = estimate_tokens(self._sent)
        counted = max(trouble.prompt_tokens or 0, estimated, trouble.context_length + 1)
        self._length = int(trouble.context_length * estimated / counted * _MARGIN)
        self._is_measured = True
        return True


def _is_too_long(trouble: Trouble | None) -> bool:
    return isinstance(trouble, BackendError) and trouble.problem is BackendProblem.CONTEXT_TOO_LONG
