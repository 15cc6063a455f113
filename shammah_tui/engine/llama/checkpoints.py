"""Copies of a recurrent state, so that a model that cannot go back is set back.

A recurrent layer holds one state for all tokens so far and cannot give up the newest of them; the
attention layers of the same model can. A copy of the recurrent part alone takes as much memory as
that part (18 to 151 MB for the models of the catalogue) and as long as copying it (about 10 ms for
50 MB), whereas reading 1,000 tokens again takes seconds.
"""

import ctypes
from collections.abc import Callable
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
    """The copies of one context's recurrent state, the newest last.

    Args:
        context: The ``llama_context``.
        free: Returns the memory that is free, in bytes.
    """

    def __init__(self, context: Any, free: Callable[[], int] = free_bytes) -> None:
        self._context = context
        self._free = free
        self._kept: list[_Checkpoint] = []

    def save(self, length: int, *, passing: bool = False) -> None:
        """Copy the state after the first ``length`` tokens, which is the present one.

        Older copies make room for it; where there is none even so, nothing is copied.

        Args:
            length: Tokens, at least 1.
            passing: Whether it only serves until the next one, for the case of an abort.
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
        """Forget the copies that were made after more than ``length`` tokens."""
        self._kept = [kept for kept in self._kept if kept.length <= length]
