"""One turn: a question is routed, and one side after the other is asked until one replies."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.pins import Side, split_pin
from shammah_tui.core.conversation.records import SENT_ON, StoredMessage
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import Failed, GeneratorState, NotAvailable
from shammah_tui.core.routing.context_window import (
    estimate_tokens,
    leaves_room,
)
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local, RouteDecision, Router
from shammah_tui.core.text.blank import is_blank
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.unanswered import (
    CONTRADICTION,
    ENDED_EARLY,
    HELP_LINE,
    PRIVATE,
    STAYS_HERE,
    empty_question,
    nobody_answers,
    pinned_side_fails,
    private_fails,
    starter_note,
)
from shammah_tui.ports import Backend
from shammah_tui.services.turn.attempts import LocalBackend, Plan
from shammah_tui.services.turn.live_reply import CutReply, LiveReply
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    Trouble,
    TurnEvent,
    Unanswered,
)


class ChatTurn:
    """Answers questions by the side that the router chooses, or by the other one.

    When the chosen side fails before any text came, the other one is asked, once. A pin is kept:
    a message pinned to one side is never sent to the other. What came before a failure is kept
    and marked as broken off; where it is the local side's, Claude answers anew, once.

    Args:
        claude: Returns Claude, or why it cannot be asked now (no key is set).
        claude_model: Returns the id of Claude's model, for labels before the API has told it.
        replaces_text: Whether Claude may answer anew when the local side breaks off in the middle
            of its text; False for who cannot take back what was shown.
    """

    def __init__(
        self,
        router: Router,
        claude: Callable[[], Backend | BackendError],
        local: Callable[[], LocalBackend | None],
        generator: Callable[[], GeneratorState],
        *,
        claude_model: Callable[[], str] = str,
        system_prompt: Callable[[], str] = str,
        keys: Callable[[], StatusKeys] = StatusKeys,
        replaces_text: bool = True,
    ) -> None:
        self._router = router
        self._claude = claude
        self._local = local
        self._generator = generator
        self._claude_model = claude_model
        self._system_prompt = system_prompt
        self._keys = keys
        self._replaces_text = replaces_text
        self._starter_was_told = False

    def run(
        self, conversation: Conversation, text: str, *, is_private: bool = False
    ) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question; ``Finished`` or ``Unanswered`` comes last.

        Closing the iterator, or cancelling whoever waits for it, stops the reply at once; the
        deltas that came are then all there is. The system prompt is no part of ``conversation``.
        """
        pin, question = split_pin(text)
        return self.ask(conversation, question, pin, is_private=is_private)

    def ask(
        self,
        conversation: Conversation,
        question: str,
        pin: Side | None,
        *,
        side: Side | None = None,
        is_private: bool = False,
    ) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question, without its pin; as ``run``.

        ``side`` is to reply this time, whatever the router thinks; None is the pin's side.
        """
        chosen = side or pin
        if is_blank(question):
            return _refused(empty_question(pin))
        if chosen is Side.CLAUDE and (refusal := _refusal(question, pin, is_private=is_private)):
            return _refused(refusal)
        if is_private:
            chosen = Side.LOCAL
        asked = Message(Role.USER, question, is_private or pin is Side.LOCAL)
        prompt = (*self._system_messages(), *conversation, asked)
        decision = self._decide(question, chosen, prompt, self._generator())
        first = Side.LOCAL if isinstance(decision, Local) else Side.CLAUDE
        begun = CutReply(first, decision, prompt, is_private=is_private, pin=pin)
        return self._reply(begun, prompt)

    def go_on(self, cut: CutReply) -> AsyncGenerator[TurnEvent, None]:
        """Stream the rest of a reply that was cut; as ``run``.

        The side that gave it is asked first. ``Finished.text`` has both pieces.
        """
        begun = Message(Role.ASSISTANT, cut.text, cut.stays_here)
        return self._reply(cut, (*cut.prompt, begun))

    def cut_of(
        self, before: Conversation, question: StoredMessage, reply: StoredMessage
    ) -> CutReply:
        """Return what it takes to go on with a reply that was kept and has a receipt."""
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
            (*self._system_messages(), *before, asked),
            reply.text,
            reply.thought,
            question.is_private,
            question.pin,
            reply.stays_here,
        )

    def local_prompt(self, conversation: Conversation) -> tuple[LocalBackend, Conversation] | None:
        """Return the local side, and what it is told of a conversation.

        None when no model but the starter is ready, there is no conversation, or it is too long.
        """
        local = self._local()
        if local is None or local.is_starter or not conversation:
            return None
        prompt = (*self._system_messages(), *conversation)
        length = local.context_length
        if length is not None and not leaves_room(estimate_tokens(prompt), length):
            return None
        return local, prompt

    def draft_prompt(
        self, conversation: Conversation, draft: str, *, is_private: bool
    ) -> tuple[LocalBackend, Conversation] | None:
        """Return the local side, and what it is told of a question that is still being written.

        None also where somebody else or nobody would be asked, were it sent now.
        """
        pin, question = split_pin(draft)
        if is_blank(question) or (is_private and pin is Side.CLAUDE):
            return None
        found = self.local_prompt((*conversation, Message(Role.USER, question)))
        if found is None:
            return None
        chosen = Side.LOCAL if is_private else pin
        is_here = isinstance(self._decide(question, chosen, found[1], self._generator()), Local)
        return found if is_here else None

    async def _reply(
        self, begun: CutReply, prompt: Conversation
    ) -> AsyncGenerator[TurnEvent, None]:
        """Ask one side after the other until one replies."""
        reply = LiveReply(begun)
        plan = Plan(begun, prompt, self._claude, self._claude_model, self._local, self._generator)
        help_line = HELP_LINE if begun.decision.crisis else None
        broken: Finished | None = None
        is_routed = False
        for attempt in plan:
            origin, label = attempt.origin, attempt.label
            reply.expect(origin.side, stays_here=origin.stays_here)
            if broken is not None:
                yield TakenOver(label, origin, broken)
            elif is_routed:
                yield Relabelled(label, help_line, origin, self._note(origin))
            else:
                asked, note = begun.prompt[-1].text, self._note(origin)
                yield Routed(label, help_line, asked, origin, begun.pin, reply, note)
            is_routed = True
            trouble = _ended_early()
            try:
                streamed = attempt.backend.reply(attempt.sent, attempt.options)
                async with attempt.lease, aclosing(streamed) as events:
                    async for event in events:
                        match event:
                            case ReplyBegun():
                                yield attempt.count(event)
                            case TextDelta() | ThinkingDelta() | TextWasThought():
                                for shown in reply.add(event):
                                    yield shown
                            case ReplyDone() if broken is not None and reply.is_taken_over:
                                # Claude had nothing to say.
                                yield broken
                                return
                            case ReplyDone():
                                yield attempt.finished(event, reply)
                                return
            except BackendError as error:
                trouble = error
            plan.fail(attempt, trouble)
            if reply.has_text:
                if not reply.is_taken_over:
                    broken = attempt.broken_off(trouble, reply)
                if not plan.take_over(may_replace=self._replaces_text):
                    break
        if broken is not None:
            yield broken
        else:
            yield Unanswered(self._why_unanswered(begun, plan.troubles), help_line, plan.troubles)

    def _note(self, origin: ReplyOrigin) -> str:
        """Return what the starter is, before its first reply since the program was started."""
        if not origin.is_starter or self._starter_was_told:
            return ""
        self._starter_was_told = True
        has_key = not isinstance(self._claude(), BackendError)
        return starter_note(self._generator(), self._keys(), claude_available=has_key)

    def _system_messages(self) -> Conversation:
        system = self._system_prompt()
        return (Message(Role.SYSTEM, system),) if system.strip() else ()

    def _decide(
        self, question: str, pin: Side | None, prompt: Conversation, generator: GeneratorState
    ) -> RouteDecision:
        local = self._local()
        return self._router.route_with_generator_check(
            question,
            local is not None and not local.is_starter,
            pin=pin,
            is_expected=not isinstance(generator, Failed | NotAvailable),
            prompt_tokens=estimate_tokens(prompt),
            context_length=None if local is None else local.context_length,
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


def _refusal(question: str, pin: Side | None, *, is_private: bool) -> str:
    """Return why Claude may not be asked, though it is named; empty where it may."""
    if is_private:
        return PRIVATE
    if pin is Side.LOCAL:
        return STAYS_HERE
    return CONTRADICTION if split_pin(question)[0] is Side.LOCAL else ""


def _ended_early() -> BackendError:
    return BackendError(BackendProblem.SERVER_ERROR, ENDED_EARLY)


async def _refused(sentence: str) -> AsyncGenerator[TurnEvent, None]:
    yield Unanswered(sentence, None)
