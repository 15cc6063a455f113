"""Which tokens llama.cpp's memory holds, so that a conversation is not read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp

from shammah_tui.engine.llama.checkpoints import Checkpoints


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a prompt need not be read.

    Attributes:
        tokens: How many are in the cache, from the first on.
        lost_tokens: How many more were, and had to be given up with what followed them.
    """

    tokens: int
    lost_tokens: int


class KeyValueCache:
    """The memory of one context and the tokens whose state is in it.

    A model with recurrent layers cannot give up its newest tokens only; it is set back to a
    checkpoint, or to nothing.

    Args:
        context: The ``llama_context``.
        recurrent: Whether the model has recurrent layers.
    """

    def __init__(self, context: Any, *, recurrent: bool) -> None:
        self._handle = llama_cpp.llama_get_memory(context)
        self._checkpoints = Checkpoints(context) if recurrent else None
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def is_recurrent(self) -> bool:
        """Whether going back takes a checkpoint."""
        return self._checkpoints is not None

    def holds(self, tokens: Sequence[int]) -> bool:
        """Tell whether all of ``tokens`` begin what is in the cache."""
        return self._tokens[: len(tokens)] == list(tokens)

    def keep_prefix(self, prompt: Sequence[int]) -> Kept:
        """Drop what does not begin ``prompt`` and return what remains of it.

        At least the last token is always left to read, because its logits are wanted.
        """
        same = 0
        for ours, theirs in zip(self._tokens, prompt[:-1], strict=False):
            if ours != theirs:
                break
            same += 1
        kept = self.cut(same)
        return Kept(kept, same - kept)

    def cut(self, length: int) -> int:
        """Drop all after the first ``length`` tokens; more, where the model refuses that.

        After an aborted computation llama.cpp counts its tokens as there, so that a recurrent
        state, whose layers are then at different tokens, is set back, too.

        Returns:
            How many tokens remain.
        """
        newest = int(llama_cpp.llama_memory_seq_pos_max(self._handle, 0))
        if newest < length or llama_cpp.llama_memory_seq_rm(self._handle, 0, length, -1):
            self._forget_after(length)
            return len(self._tokens)
        return self._set_back(length)

    def checkpoint(self, *, passing: bool = False) -> None:
        """Make it possible to come back to where the cache is now, where that takes anything."""
        if self._checkpoints is not None and self._tokens:
            self._checkpoints.save(len(self._tokens), passing=passing)

    def clear(self) -> None:
        """Forget everything."""
        llama_cpp.llama_memory_clear(self._handle, False)
        self._forget_after(0)

    def extend(self, tokens: Sequence[int]) -> None:
        """Note that ``tokens`` have been decoded."""
        self._tokens.extend(tokens)

    def _set_back(self, length: int) -> int:
        restored = 0 if self._checkpoints is None else self._checkpoints.restore(length)
        if restored and llama_cpp.llama_memory_seq_rm(self._handle, 0, restored, -1):
            self._forget_after(restored)
        else:
            self.clear()
        return len(self._tokens)

    def _forget_after(self, length: int) -> None:
        del self._tokens[length:]
        if self._checkpoints is not None:
            self._checkpoints.forget_after(length)
