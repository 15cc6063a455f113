"""Which tokens llama.cpp's memory holds, so that a conversation is not read again."""

from collections.abc import Sequence
from typing import Any

import llama_cpp


class KeyValueCache:
    """The memory of one context and the tokens whose state is in it.

    Holds for recurrent states as well, which cannot give up their newest tokens.

    Args:
        handle: The ``llama_memory_t`` of the context.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._tokens)

    def keep_prefix(self, prompt: Sequence[int]) -> int:
        """Drop what does not begin ``prompt`` and return how many of its tokens remain.

        At least the last token is always left to read, because its logits are wanted.
        """
        same = 0
        for ours, theirs in zip(self._tokens, prompt[:-1], strict=False):
            if ours != theirs:
                break
            same += 1
        return self.cut(same)

    def cut(self, length: int) -> int:
        """Drop all after the first ``length`` tokens; all, where the model refuses that.

        Returns:
            How many tokens remain.
        """
        newest = int(llama_cpp.llama_memory_seq_pos_max(self._handle, 0))
        if newest >= length and not llama_cpp.llama_memory_seq_rm(self._handle, 0, length, -1):
            self.clear()
        del self._tokens[length:]
        return len(self._tokens)

    def clear(self) -> None:
        """Forget everything."""
        llama_cpp.llama_memory_clear(self._handle, False)
        self._tokens.clear()

    def extend(self, tokens: Sequence[int]) -> None:
        """Note that ``tokens`` have been decoded."""
        self._tokens.extend(tokens)
