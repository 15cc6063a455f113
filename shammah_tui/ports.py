"""The protocols between what happens (services) and the things outside (adapters)."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from shammah_tui.core.conversation import Conversation
from shammah_tui.core.engine_messages import EngineEvent, LoadModel
from shammah_tui.core.fetch_messages import FetchCommand, FetchEvent
from shammah_tui.core.hardware import Hardware
from shammah_tui.core.model_spec import ModelSpec
from shammah_tui.core.reply import ReplyEvent
from shammah_tui.core.sampling import Sampling


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """What a reply is asked for with, on either side.

    Attributes:
        max_tokens: Most tokens of the reply; None is the backend's own bound.
        sampling: For a local model; Claude uses its own.
    """

    max_tokens: int | None = None
    sampling: Sampling = field(default_factory=Sampling)


class Backend(Protocol):
    """Whatever can reply to a conversation."""

    def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply: any number of ``TextDelta``, then one ``ReplyDone``.

        Closing the iterator stops the reply at once.

        Raises:
            BackendError: There is no reply, or it broke off.
        """
        ...


@dataclass(frozen=True, slots=True)
class ChildExited:
    """A child process ended.

    Attributes:
        returncode: Its exit status; negative is the number of the signal that ended it.
    """

    returncode: int


class Fetch(Protocol):
    """One transfer under way."""

    def send(self, command: FetchCommand) -> None:
        """Tell the transfer something; does nothing once it is over."""
        ...

    def stop(self) -> None:
        """End it and return when it is over; what has arrived is kept."""
        ...


class ModelSource(Protocol):
    """Where weights come from: files on this machine, and the Hub."""

    def find(self, model: ModelSpec) -> Path | None:
        """Return the file to open when all parts are here, without asking the network."""
        ...

    def kept_bytes(self, model: ModelSpec) -> int:
        """Return how many bytes of it are on disk, whole or in part."""
        ...

    def delete(self, model: ModelSpec) -> int:
        """Delete its files and partial files; return the bytes that were freed."""
        ...

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        """Begin to fetch it; events come on another thread, ``ChildExited`` last."""
        ...


class Engine(Backend, Protocol):
    """A child process with one model: first it loads, then it can reply."""

    def stop(self) -> None:
        """End the process and return when it is over."""
        ...


class EngineStarter(Protocol):
    """Makes engines."""

    def start(
        self, job: LoadModel, on_event: Callable[[EngineEvent | ChildExited], None]
    ) -> Engine:
        """Begin to load; load events and ``ChildExited`` come on another thread."""
        ...


class HardwareProbe(Protocol):
    """Looks at the machine."""

    def probe(self) -> Hardware:
        """Return what is there now; takes up to a second."""
        ...
