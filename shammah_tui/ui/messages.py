"""What other threads tell the screen."""

from dataclasses import dataclass

from textual.message import Message

from shammah_tui.services.local_side import Snapshot


@dataclass
class GeneratorChanged(Message):
    """The local model's state changed; only the newest matters."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        """Let a newer state take the place of one that has not been shown yet."""
        return isinstance(message, GeneratorChanged)


@dataclass
class Notice(Message):
    """A sentence that the user should read."""

    sentence: str


class ComposerReady(Message):
    """The composer has focus and can take the keys that came before."""
