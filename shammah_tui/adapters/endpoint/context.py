"""How long a server's context is, as far as it tells and its counts give away."""

DEFAULT_CONTEXT_LENGTH = 4_096
"""Where a server does not tell: Ollama's own default, beyond which it drops what came first."""

_SMALLEST_CUT = 1_000
"""Tokens: less is never left out of a conversation, and the template's share varies more."""
_SEEN_WHOLE = 0.5
"""Of our estimate, which is high for prose: a server that counts less has not seen everything."""
_SEEN_MOST = 0.8
"""The same, for a count that is just below a size that contexts have."""
_NEAR = 16


class ServedContext:
    """What is known of one server's context; ``told`` is what the server says, if it does."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self.told: int | None = None
        self._announced = 0
        self._was_looked_at = False
        self._last: tuple[int, int] | None = None

    def begin(self, told: int | None) -> None:
        self.told = told
        self._announced = self.length

    @property
    def length(self) -> int:
        """Tokens that a conversation and its reply may take."""
        bounds = [each for each in (self._bound, self.told) if each]
        return min(bounds, default=DEFAULT_CONTEXT_LENGTH)

    @property
    def has_changed(self) -> bool:
        """Whether it is another one since this was last asked, or since the server was found."""
        was, self._announced = self._announced, self.length
        return was != self._announced

    def is_doubtful(self, sent_tokens: int, counted: int | None) -> bool:
        """Return whether to ask the server again after a reply: the first one, or a low count."""
        is_first, self._was_looked_at = not self._was_looked_at, True
        return is_first or self._is_low(sent_tokens, counted)

    def learn(self, told: int | None, sent_tokens: int, counted: int | None) -> None:
        """Note what the server says now; a count that ends at a smaller size says more."""
        if told is not None:
            self.told = told
        if (
            counted is not None
            and self._is_low(sent_tokens, counted)
            and (self._is_near_size(counted) or self._is_stuck(sent_tokens, counted))
        ):
            self.told = min(self.told or _size_above(counted), _size_above(counted))

    def seen_of(self, sent_tokens: int, counted: int | None) -> int | None:
        """Return the context if it was too short for what was sent and the count says so."""
        is_low = self._is_low(sent_tokens, counted)
        if counted is not None:
            self._last = sent_tokens, counted
        return self.told if is_low and self.told and sent_tokens > self.told else None

    def _is_low(self, sent_tokens: int, counted: int | None) -> bool:
        if counted is None or sent_tokens < _SMALLEST_CUT:
            return False
        share = counted / sent_tokens
        return (
            share < _SEEN_WHOLE
            or (share < _SEEN_MOST and self._is_near_size(counted))
            or self._is_stuck(sent_tokens, counted)
        )

    def _is_stuck(self, sent_tokens: int, counted: int) -> bool:
        """Whether more was sent than the last time, and no more was counted."""
        if self._last is None or counted < _SMALLEST_CUT:
            # Some servers count only what they had not read before.
            return False
        sent_before, counted_before = self._last
        return sent_tokens - sent_before > 4 * _NEAR and abs(counted - counted_before) <= _NEAR

    @staticmethod
    def _is_near_size(counted: int) -> bool:
        return _size_above(counted) - counted <= _NEAR


def _size_above(tokens: int) -> int:
    """Return the smallest size from 1,024 on that contexts have and that holds ``tokens``."""
    size = 1_024
    while size < tokens:
        size *= 2
    return size
