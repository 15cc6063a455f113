"""Copies of a recurrent state, so that a model that cannot go back is set back.

A recurrent layer holds one state for all tokens so far and cannot give up the newest of them; the
attention layers of the same model can. A copy of the recurrent part alone takes as much memory as
that part (18 to 151 MB for the models of the catalogue) and as long as copying it (about 10 ms for
50 MB), whereas reading 1,000 tokens again takes seconds.
"""

import ctypes
from dataclasses import dataclass
from typing import Any

import llama_cpp

KEPT_BYTES = 256 * 2**20
"""All copies together; at least one is kept, whatever its size."""
MOST_KEPT = 4

_SEQUENCE = 0
_RECURRENT_ONLY = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    length: int
    passing: bool
    state: ctypes.Array[ctypes.c_uint8]


class Checkpoints:
    """The copies of one context's recurrent state, the newest last.

    Args:
        context: The ``llama_context``.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._kept: list[_Checkpoint] = []

    def save(self, length: int, *, passing: bool = False) -> None:
        """Copy the state after the first ``length`` tokens, which is the present one.

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
        state = (ctypes.c_uint8 * size)()
        written = int(
            llama_cpp.llama_state_seq_get_data_ext(
                self._context, state, size, _SEQUENCE, _RECURRENT_ONLY
            )
        )
        if written != size:
            return
        self._kept.append(_Checkpoint(length, passing, state))
        while len(self._kept) > 1 and (
            len(self._kept) > MOST_KEPT or len(self._kept) * size > KEPT_BYTES
        ):
            del self._kept[0]

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
