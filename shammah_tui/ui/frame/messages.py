"""The message with which another thread tells the user something."""

from textual.message import Message


# Plain: a dataclass costs 1 ms before the first frame.
class Notice(Message):
    """A sentence that the user should read."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
