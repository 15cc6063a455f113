"""What other threads tell the screen."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from shammah_tui.services.local.local_side import Snapshot


# Plain, all of them: a dataclass costs 1 ms before the first frame.
class GeneratorChanged(Message):
    """The local model's state changed; only the newest matters."""

    def __init__(self, snapshot: "Snapshot") -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Let a newer state take the place of one that has not been shown yet."""
        return isinstance(message, GeneratorChanged)


class Notice(Message):
    """A sentence that the user should read."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
