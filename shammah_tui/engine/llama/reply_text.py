"""From the bytes of tokens to pieces of text for the screen."""

import codecs

DELTA_INTERVAL_S = 1 / 30
"""Shortest time between two pieces: a screen shows no more, and each costs a line and a redraw."""


class ReplyText:
    """Collects bytes, gives out whole characters, seldom enough."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""
        self._given_s: float | None = None

    def add(self, piece: bytes, now_s: float) -> str:
        """Take a token's bytes and return the text to show now; may be empty."""
        self._pending += self._decoder.decode(piece)
        if self._given_s is not None and now_s - self._given_s < DELTA_INTERVAL_S:
            return ""
        if self._pending:
            self._given_s = now_s
        return self.rest()

    def rest(self) -> str:
        """Return what waits to be shown; bytes of an unfinished character stay out."""
        text, self._pending = self._pending, ""
        return text
