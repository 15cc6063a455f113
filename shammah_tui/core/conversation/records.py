"""Conversations as they are kept: messages with identity, receipts, and what lists show.

Ids are whole numbers of at most 63 bits that grow with time. Times are milliseconds since 1970,
UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.pins import Side, with_pin
from shammah_tui.core.conversation.reply import (
    CUT,
    StopReason,
    Usage,
    goes_on,
)
from shammah_tui.core.text.blank import is_blank

Id = Annotated[int, "id"]
TimeMs = Annotated[int, "time"]
"""Whole numbers that an export writes as something else."""

PINNED = "Pinned"
"""``Receipt.reason`` of a reply whose side the user chose."""
DEFAULT = "Default"
"""``Receipt.reason`` of the local side's reply where nothing speaks against it."""
SENT_ON = "Forwarded"
"""``Receipt.reason`` where the question spoke of danger: no diagnosis is kept or shown."""


class TitleSource(StrEnum):
    """Who made a title; a later one in this order takes an earlier one's place, never back."""

    WORDS = "words"
    """The first words of the first question."""
    MODEL = "model"
    """The local model."""
    USER = "user"
    """The user, by renaming."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who gave a reply, why, and what it took.

    Attributes:
        reason: Why this side, as a short word: a ``ForwardReason``, ``SENT_ON``, ``PINNED``,
            ``DEFAULT``, or the ``BackendProblem`` that made it take over. ``why:`` searches it and
            the label.
        model: Which model, as the backend reports it; empty when not known.
        revision: Which revision or quantization of it; empty when not known.
        cost_microusd: Price in millionths of a dollar; None when there is none or it is unknown.
        stop_reason: Why it ended; None while it streams, and when it broke off.
        interrupted: What broke it off, as a sentence; empty otherwise.
        kept_here: How many messages Claude was not sent, since they stay on this machine.
        left_out: How many of the oldest messages were not sent, since they did not fit.
    """

    side: Side
    label: str = ""
    reason: str = ""
    model: str = ""
    revision: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_microusd: int | None = None
    stop_reason: StopReason | None = None
    interrupted: str = ""
    kept_here: int = 0
    left_out: int = 0


USAGE_FIELDS = tuple(each.name for each in fields(Usage))
RECEIPT_FIELDS = tuple(
    name
    for each in fields(Receipt)
    for name in (USAGE_FIELDS if each.name == "usage" else (each.name,))
)
"""The names of a receipt's fields, those of its usage among them: columns and JSON keys."""


def receipt_values(receipt: Receipt) -> dict[str, str | int | float | None]:
    """Return a receipt as plain values under ``RECEIPT_FIELDS``, an enum's members as text."""
    found = {}
    for name in RECEIPT_FIELDS:
        value = getattr(receipt.usage if name in USAGE_FIELDS else receipt, name)
        found[name] = value.value if isinstance(value, StrEnum) else value
    return found


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a conversation, which is a tree.

    Attributes:
        id: Its number; later messages have greater ones.
        parent_id: The message that it follows; None begins the conversation.
        text: What is said, as Markdown; of a streaming reply, what came so far; of a question,
            what is asked without the pin.
        created_ms: When it was sent, or its reply began.
        thought: What was thought ahead of a reply; no backend sees it again.
        pin: Of a question, the side that the user has chosen; None leaves it to the router.
        is_private: Whether it stays on this machine whatever its pin: it belongs to a private
            conversation, or it is the local side's reply to something that stays here.
    """

    id: Id
    parent_id: Id | None
    role: Role
    text: str
    created_ms: TimeMs
    receipt: Receipt | None = None
    is_complete: bool = True
    thought: str = ""
    pin: Side | None = None
    is_private: bool = False

    @property
    def is_reply(self) -> bool:
        return self.role is Role.ASSISTANT

    @property
    def stays_here(self) -> bool:
        return self.is_private or self.pin is Side.LOCAL

    @property
    def written(self) -> str:
        """The text as a person reads it, with the pin of a question."""
        return with_pin(self.pin, self.text)


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """One line of the list of conversations.

    Attributes:
        title: Its title, one line, never empty.
        message_count: Messages in it, those of all branches.
        side: Who replied last; None where nobody did.
        model: That reply's model; empty when not known.
    """

    id: int
    title: str
    title_source: TitleSource
    is_pinned: bool
    message_count: int
    created_ms: int
    active_ms: int
    side: Side | None = None
    model: str = ""
    deleted_ms: int | None = None


@dataclass(frozen=True, slots=True)
class HiddenTurns:
    """Turns that followed another version of a message of the path; an edit hides them so.

    Attributes:
        message_id: The message of the path that has versions.
        version: The number of the version that they follow, counted from 1.
    """

    message_id: int
    version: int
    count: int


@dataclass(frozen=True, slots=True)
class DeletedTurn:
    """What was deleted last of a conversation's messages; the first of them is the question."""

    question_id: int
    text: str
    message_ids: frozenset[int]
    deleted_ms: int


@dataclass(frozen=True, slots=True)
class OpenedConversation:
    """A conversation as it is shown: one path through its tree.

    Attributes:
        siblings: For each message of the path that has alternatives: the ids of all of them, its
            own among them, oldest first. Of a question they are its edits, of a reply the others
            that were given to the same question.
        place_id: The message at the top of the screen when it was last left; None is the end.
        hidden: The later turns that another version has, where this path ends before them.
        can_undo: Whether a message of it was deleted and can be restored.
    """

    summary: ConversationSummary
    path: tuple[StoredMessage, ...]
    siblings: Mapping[int, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    draft: str = ""
    place_id: int | None = None
    hidden: HiddenTurns | None = None
    can_undo: bool = False


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A whole conversation, all branches, for export and import.

    Attributes:
        leaf_id: The message at the end of the path that is shown; None without messages.
        messages: All messages, parents before their children.
    """

    id: Id
    title: str
    title_source: TitleSource
    is_pinned: bool
    created_ms: TimeMs
    active_ms: TimeMs
    leaf_id: Id | None
    place_id: Id | None
    draft: str
    messages: tuple[StoredMessage, ...]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import added, also to old conversations; what was there already is not counted."""

    conversations: int
    messages: int


def cut_end(path: Sequence[StoredMessage]) -> tuple[StoredMessage, StoredMessage] | None:
    """Return the question and the reply at the end of a path, where that can be gone on with."""
    if len(path) < 2 or path[-1].role is not Role.ASSISTANT or path[-2].role is not Role.USER:
        return None
    question, reply = path[-2:]
    receipt = reply.receipt
    if receipt is None or not reply.is_complete or not (reply.text or reply.thought):
        return None
    return (question, reply) if goes_on(receipt.stop_reason, receipt.interrupted) else None


def to_conversation(path: Iterable[StoredMessage]) -> Conversation:
    """Return a path as both backends are to see it: questions with their replies.

    A question without a reply and a reply without text are left out: no backend takes two
    questions in a row, or an empty message, for what they are. Of a reply that repeated itself one
    round is told.
    """
    messages = tuple(path)
    told, _ = _told(messages)
    found = (messages[at] for at in told)
    return tuple(Message(each.role, _told_text(each), each.stays_here) for each in found)


def _told_text(message: StoredMessage) -> str:
    receipt = message.receipt
    is_loop = receipt is not None and receipt.stop_reason in (StopReason.REPEATED, *CUT)
    if not is_loop:
        return message.text
    # Deferred: its patterns take a millisecond, and few replies need them.
    from shammah_tui.core.conversation.repetition import one_round

    return one_round(message.text)


def first_seen(path: Sequence[StoredMessage], left_out: int) -> int | None:
    """Return where in a path begins what a model saw who replied at its end, as an index.

    None where it was told everything; ``left_out`` messages at the beginning it was not told.
    """
    told, asked = _told(path)
    seen = [*told, *asked][left_out:] if left_out > 0 else []
    return seen[0] if seen else None


def _told(path: Sequence[StoredMessage]) -> tuple[list[int], list[int]]:
    """Return the indices of questions with their replies, and of the question that has none yet."""
    told: list[int] = []
    question: list[int] = []
    for at, message in enumerate(path):
        if message.role is Role.USER:
            question = [at]
        elif message.role is Role.ASSISTANT and question and not is_blank(message.text):
            told += [*question, at]
            question = []
    return told, question
