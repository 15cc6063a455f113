"""The key-value cache of a context, with copies of a recurrent state to go back to.

A recurrent layer holds one state for all tokens so far and cannot give up the newest of them; the
attention layers of the same model can. A copy of the recurrent part alone takes as much memory as
that part (18 to 151 MB for the models of the catalogue) and as long as copying it (about 10 ms for
50 MB), whereas reading 1,000 tokens again takes seconds.
"""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp
import psutil

KEPT_BYTES = 256 * 2**20
"""All copies together, at most: they are not among what ``core.memory`` counts for a model."""
FREE_SHARE = 1 / 8
"""Of the memory that is free, they take no more than this: it was left to other programs."""
MOST_KEPT = 4

_SEQUENCE = 0
_RECURRENT_ONLY = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    length: int
    passing: bool
    state: ctypes.Array[ctypes.c_uint8]


def free_bytes() -> int:
    """Return the memory that is free."""
    return int(psutil.virtual_memory().available)


class Checkpoints:
    """The copies of one context's recurrent state, the newest last."""

    def __init__(self, context: Any, free: Callable[[], int] = free_bytes) -> None:
        self._context = context
        self._free = free
        self._kept: list[_Checkpoint] = []

    def save(self, length: int, *, passing: bool = False) -> None:
        """Copy the state after the first ``length`` tokens (at least 1), which is the present one.

        Older copies make room for it; where there is none even so, nothing is copied. A ``passing``
        one only serves until the next one, for the case of an abort.
        """
        if any(kept.length == length and kept.passing <= passing for kept in self._kept):
            return
        self._kept = [kept for kept in self._kept if not kept.passing and kept.length < length]
        size = int(
            llama_cpp.llama_state_seq_get_size_ext(self._context, _SEQUENCE, _RECURRENT_ONLY)
        )
        if not self._make_room(size):
            return
        state = (ctypes.c_uint8 * size)()
        written = int(
            llama_cpp.llama_state_seq_get_data_ext(
                self._context, state, size, _SEQUENCE, _RECURRENT_ONLY
            )
        )
        if written == size:
            self._kept.append(_Checkpoint(length, passing, state))

    def _make_room(self, size: int) -> bool:
        held = sum(len(kept.state) for kept in self._kept)
        room = min(KEPT_BYTES, int((self._free() + held) * FREE_SHARE))
        fitting = min(MOST_KEPT, room // max(1, size))
        if fitting:
            self._kept = self._kept[-(fitting - 1) :] if fitting > 1 else []
        return fitting > 0

    def restore(self, most: int) -> int:
        """Set the state back to the newest copy of at most ``most`` tokens.

        Returns:
            After how many tokens that is; 0 when there is none, and the state is as it was.
        """
        self.forget_after(most)
        while self._kept:
            newest = self._kept[-1]
            read = int(
                llama_cpp.llama_state_seq_set_data_ext(
                    self._context, newest.state, len(newest.state), _SEQUENCE, _RECURRENT_ONLY
                )
            )
            if read == len(newest.state):
                return newest.length
            self._kept.pop()
        return 0

    def forget_after(self, length: int) -> None:
        self._kept = [kept for kept in self._kept if kept.length <= length]


def common_length(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens at their beginning the two have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


@dataclass(frozen=True, slots=True)
class Kept:
    """The part of a prompt that need not be read again.

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
    """

    def __init__(self, context: Any, *, recurrent: bool) -> None:
        self._handle = llama_cpp.llama_get_memory(context)
        self._checkpoints = Checkpoints(context) if recurrent else None
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def is_recurrent(self) -> bool:
        return self._checkpoints is not None

    def holds(self, tokens: Sequence[int]) -> bool:
        return self._tokens[: len(tokens)] == list(tokens)

    def keep_prefix(self, prompt: Sequence[int]) -> Kept:
        """Drop what does not begin ``prompt`` and return what remains of it.

        At least the last token is always left to read, because its logits are wanted.
        """
        same = common_length(self._tokens, prompt[:-1])
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
        llama_cpp.llama_memory_clear(self._handle, False)
        self._forget_after(0)

    def extend(self, tokens: Sequence[int]) -> None:
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
