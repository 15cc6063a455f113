"""The protocols between what happens (services) and the things outside (adapters).

Over 400 lines: most of it says what implementations must hold to; they do not say it again.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.excerpts import SearchHit
from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    ConversationSummary,
    DeletedTurn,
    ImportResult,
    OpenedConversation,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.reply import ReplyEvent, Warming
from shammah_tui.core.conversation.search_query import SearchQuery
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import EngineEvent, LoadModel
from shammah_tui.core.protocol.fetch_messages import FetchCommand, FetchEvent
from shammah_tui.core.settings.key_places import ForgottenKey, KeptKey


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """What a reply is asked for with, on either side.

    Attributes:
        max_tokens: Most tokens of the reply; None is the backend's own bound.
        sampling: For a local model; Claude uses its own.
        enable_thinking: Whether a local model may think first; Claude is not asked to.
        begun_thought: What the model had thought when the reply to go on with was cut.
        is_aside: Whether no later question follows it: a local model then keeps itself ready for
            what comes after the conversation without its last question.
    """

    max_tokens: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    enable_thinking: bool = False
    begun_thought: str = ""
    is_aside: bool = False


class Backend(Protocol):
    """Whatever can reply to a conversation."""

    def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply: any number of ``ThinkingDelta`` and ``TextDelta``, then ``ReplyDone``.

        ``TextWasThought`` may come among them.

        ``ReplyBegun`` comes before them where the backend counts what it reads.

        Where the last message of ``conversation`` is the assistant's, it was cut, and the reply
        is the rest of it. Closing the iterator stops the reply at once.

        Raises:
            BackendError: There is no reply, or it broke off.
        """


class ClaudeKey(Protocol):
    """The key for Claude: the environment's, else the one that was given in the program."""

    @property
    def has_key(self) -> bool:
        """Whether there is a key, or one is being read; whether it is good only the API knows."""
        ...

    @property
    def variable(self) -> str:
        """The environment's variable that has one, which comes first; empty where none has."""
        ...

    def follow(self, tell: Callable[[], object]) -> None:
        """Have ``tell`` called whenever a key has come or gone, on any thread."""
        ...

    async def keep(self, key: str) -> KeptKey:
        """Use ``key`` from now on, and keep it for the next start; return where."""
        ...

    async def forget(self) -> ForgottenKey:
        """Stop using the key that was given, and delete it wherever it is kept."""
        ...


class CachingBackend(Backend, Protocol):
    """A backend that keeps what it has read of a conversation."""

    def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        """Read ``conversation`` ahead of its next question, as far as that is of any use.

        Where its last message is the user's, that is what has been written of the question so far.
        A reply that is asked for meanwhile is not held up. Closing the iterator ends it at once;
        what was read stays. It raises nothing: where it cannot go on, it is over.
        """


@dataclass(frozen=True, slots=True)
class ChildExited:
    """A child process ended.

    A negative ``returncode`` is the number of the signal that ended it; ``silence_s`` is after how
    many seconds of silence this program killed it, None where it did not.
    """

    returncode: int
    silence_s: float | None = None


@dataclass(frozen=True, slots=True)
class EngineLost:
    """An engine that is no child of this program can no longer be asked; ``sentence`` says why."""

    sentence: str


class Fetch(Protocol):
    """One transfer under way."""

    def send(self, command: FetchCommand) -> bool:
        """Tell the transfer something; return False once it is over."""

    def stop(self) -> None:
        """End it and return when it is over; what has arrived is kept."""


class ModelSource(Protocol):
    """Where weights come from: files on this machine, and the Hub."""

    @property
    def folder(self) -> str:
        """Where what is fetched is kept; empty where nothing is ever fetched."""

    def find(self, model: ModelSpec) -> Path | None:
        """Return the file to open when all parts are here, without asking the network."""

    def kept_bytes(self, model: ModelSpec) -> int:
        """Return how many bytes of it are on disk, whole or in part."""

    def delete(self, model: ModelSpec) -> int:
        """Delete its files and partial files; return the bytes that were freed.

        Raises:
            ShammahError: Another program is fetching one of them.
            OSError: The disk does not allow it.
        """

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        """Begin to fetch it; events come on another thread, ``ChildExited`` last."""


class Engine(CachingBackend, Protocol):
    """A child process with one model, or a server that has one: first it loads, then it replies."""

    def set_loras(self, loras: Sequence[Lora]) -> None:
        """Apply these LoRAs and no others; ``LorasApplied`` says what came of it.

        A server elsewhere has its own way to do that, and is told nothing.
        """

    def stop(self) -> None:
        """End the process, or leave the server alone, and return when that is done."""


class SpeedRecords(Protocol):
    """What was measured of models on this machine, now and at earlier starts.

    May be used from any thread; a disk that fails is no reason to fail.
    """

    def all(self) -> tuple[SpeedRecord, ...]:
        """Return every record, the oldest first."""

    def add(self, record: SpeedRecord) -> None:
        """Keep a record instead of the one before of the same model on the same device."""


class DownloadAnswer(Protocol):
    """What the user said to downloading a model that nobody named, kept for the next start."""

    def recall(self) -> str:
        """Return what was given to ``choose``; empty when nothing was."""

    def choose(self, name: str) -> None:
        """Remember an answer; a disk that fails is no reason to fail."""


class ChosenModel(Protocol):
    """The model that was chosen in the panel, kept for the next start."""

    def choose(self, model_id: str) -> None:
        """Remember a model by its id; a disk that fails is no reason to fail."""

    def forget(self, model_id: str) -> None:
        """Forget that model if it is the one that is remembered."""


class LoraSwitches(Protocol):
    """Keeps for the next start which LoRAs are off, and which were chosen in the panel.

    May be used from any thread; a disk that fails is no reason to fail.
    """

    def recall(self) -> frozenset[str]:
        """Return the paths of those that are off."""

    def switch(self, off: Iterable[str]) -> None:
        """Remember the paths of those that are off."""

    def added(self) -> tuple[str, ...]:
        """Return the paths of those that were chosen in the panel, the oldest first."""

    def add(self, path: str) -> None:
        """Remember one that was chosen."""

    def remove(self, path: str) -> None:
        """Forget one that was chosen."""


class LoraFiles(Protocol):
    """The LoRAs on this disk."""

    @property
    def folder(self) -> str:
        """Where LoRAs can be put to be found."""

    def check(self, path: str) -> str:
        """Return ``path`` as an absolute one, ``~`` being the home folder.

        Raises:
            InvalidLoraError: There is no LoRA there.
        """

    def found(self) -> tuple[str, ...]:
        """Return the paths of LoRAs in the places where one would look for them."""


class EngineStarter(Protocol):
    """Makes engines."""

    def start(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited | EngineLost], None],
        label: str = "",
    ) -> Engine:
        """Begin to load; load events, then ``ChildExited`` or ``EngineLost``, on any thread.

        Its replies name the model as ``label`` does, or as itself does where that is empty.
        """


class HardwareProbe(Protocol):
    """Looks at the machine."""

    def probe(self) -> Hardware:
        """Return what is there now; takes up to a second."""

    def memory_bytes_per_s(self) -> float | None:
        """Return what the cores read and write of memory; None where that cannot be measured.

        Takes 0.2 s the first time.
        """


class Clipboard(Protocol):
    """The system's clipboard, by the system's own means."""

    async def copy(self, text: str) -> bool:
        """Put ``text`` there; return whether it is there for certain."""


class ConversationStore(Protocol):
    """Keeps conversations.

    Calls that are not ``async`` return at once (microseconds), do not raise, take effect in the
    order in which they were made, and cannot be undone by cancelling whoever made them; ``written``
    says when they are on disk. Where the disk fails, one sentence is told to whoever made the
    store, what was said is held in memory and tried again, and the chat goes on.

    Calls that are ``async`` see everything written before them. They never hold up the loop.
    """

    @property
    def unkept(self) -> str:
        """Why something of what was said is in memory alone; empty where all is kept."""

    def new_id(self) -> int:
        """Return the id for a new conversation; it is kept from its first question on."""

    async def written(self) -> None:
        """Wait until everything said so far would survive the death of this process."""

    def add_question(
        self,
        conversation_id: int,
        parent_id: int | None,
        text: str,
        pin: Side | None = None,
        *,
        is_private: bool = False,
    ) -> StoredMessage:
        """Keep a question and return it.

        A conversation that is not there is begun; the parent of an earlier question makes a branch.
        """

    def begin_reply(
        self,
        conversation_id: int,
        question_id: int,
        receipt: Receipt,
        *,
        is_private: bool = False,
    ) -> StoredMessage:
        """Keep that a reply begins and return it without text; a second one is a branch.

        ``receipt`` is all that is kept of it, should the program be killed.
        """

    def append(self, reply_id: int, text: str) -> None:
        """Keep the next piece of a reply; wait for ``written`` before it is shown."""

    def append_thought(self, reply_id: int, text: str) -> None:
        """Keep the next piece of what is thought ahead of a reply; otherwise as ``append``."""

    def text_was_thought(self, reply_id: int) -> None:
        """Keep that all text of a reply that streams, so far, was thought ahead of it."""

    def finish_reply(self, reply_id: int, receipt: Receipt) -> None:
        """Keep that a reply is over, and count it in the ledger."""

    def count(self, receipt: Receipt) -> None:
        """Count in the ledger what was read for a question that nobody kept: it is paid for."""

    def discard(self, message_id: int) -> None:
        """Forget a message, and what follows it, for good: a question that nobody answered."""

    def save_draft(self, conversation_id: int | None, text: str) -> None:
        """Keep what stands in the composer; None is a conversation not yet begun."""

    def save_place(self, conversation_id: int, message_id: int | None) -> None:
        """Keep which message is at the top of the screen; None is the end."""

    def rename(self, conversation_id: int, title: str, source: TitleSource) -> None:
        """Give a title, unless the present one comes from a better source."""

    def pin(self, conversation_id: int, pinned: bool) -> None:
        """Keep a conversation on top of the list, or no longer."""

    def show_branch(self, conversation_id: int, message_id: int) -> None:
        """Make the branch of a message the one that is shown.

        Of the versions below it those are shown that were last shown, otherwise the newest.
        """

    def fork(self, conversation_id: int, message_id: int) -> int:
        """Copy the path to a message into a new conversation and return its id.

        Its title is that of the other with a number: ``Title (2)``.
        """

    def delete_conversation(self, conversation_id: int) -> None:
        """Delete a conversation; it can be restored until ``purge``."""

    def restore_conversation(self, conversation_id: int) -> None:
        """Undo ``delete_conversation``; where each message was deleted, restore them as well."""

    def delete_messages(self, message_ids: Collection[int]) -> None:
        """Delete messages; what follows them stays. They can be restored until ``purge``."""

    def restore_messages(self, message_ids: Collection[int]) -> None:
        """Undo ``delete_messages``."""

    def purge(self, older_than_s: float = 0.0) -> None:
        """Erase from the disk what was deleted longer ago than that; the ledger stays."""

    async def conversations(self, limit: int | None = None) -> tuple[ConversationSummary, ...]:
        """Return those that have messages: pinned ones first, then the latest."""

    async def deleted_conversations(self) -> tuple[ConversationSummary, ...]:
        """Return those that can be restored, the one deleted last first.

        A conversation of which every message was deleted is one of them.
        """

    async def summary(self, conversation_id: int) -> ConversationSummary | None:
        """Return one line of the list; None when it is not there."""

    async def last_deleted(self, conversation_id: int) -> DeletedTurn | None:
        """Return what was deleted last of a conversation's messages, to be restored."""

    async def last_conversation(self) -> int | None:
        """Return the one in which something was said last."""

    async def open(self, conversation_id: int) -> OpenedConversation | None:
        """Return a conversation as it was left; None when it is not there.

        Raises:
            StoreError: The disk cannot be read.
        """

    async def draft(self, conversation_id: int | None) -> str:
        """Return what was last given to ``save_draft``; empty when nothing was."""

    async def questions(self, limit: int, but_of: int | None = None) -> tuple[str, ...]:
        """Return what was asked last as it was sent, the newest first, each text once.

        Questions of the conversation ``but_of`` are left out.

        Raises:
            StoreError: The disk cannot be read.
        """

    async def search(self, query: SearchQuery, limit: int = 50) -> tuple[SearchHit, ...]:
        """Return titles, then messages, the newest first; nothing for an empty query.

        Cancelling the call stops the search.

        Raises:
            StoreError: The disk cannot be read.
        """

    async def ledger(self, period: Period) -> tuple[LedgerRow, ...]:
        """Return what was asked of whom, by period, the newest first; deleted replies count."""

    def records(
        self, conversation_ids: Collection[int] | None = None
    ) -> AsyncGenerator[ConversationRecord, None]:
        """Return whole conversations, all branches, the oldest first; None is all.

        Raises:
            StoreError: The disk cannot be read.
        """

    async def import_records(self, records: Sequence[ConversationRecord]) -> ImportResult:
        """Add what is not there yet; what is there stays as it is.

        Raises:
            StoreError: The disk failed. The conversations before it are there, whole; importing
                again goes on.
        """

    async def close(self) -> None:
        """Write what is left; no call may follow."""
