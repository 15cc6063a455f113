"""A llama.cpp context: the place where one sequence of tokens is computed."""

from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp

from shammah_tui.engine.llama.chunk_size import LARGEST
from shammah_tui.engine.llama.kv_cache import KeyValueCache
from shammah_tui.engine.llama.threads import Threads

DECODED, ABORTED, NO_MEMORY = 0, 2, -2
"""What ``llama_decode`` returns (llama.h)."""


class DecodingStopped(Exception):  # noqa: N818 - not an error
    """The abort callback ended a computation; the cache is as it was before."""


class DecodingError(Exception):
    """A computation failed; the cache has been cleared.

    Attributes:
        out_of_memory: Whether the cause is known to be memory.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"llama_decode returned {status}")
        self.out_of_memory = status == NO_MEMORY


class Context:
    """One context of one model, holding one sequence.

    Args:
        model: The ``llama_model``.
        context_length: Tokens wished for; not more than the model was trained for are made.
        threads: How many threads compute.
        must_stop: Asked between any two operations on a processor, 0.3 µs a call against 10 µs
            and more an operation; True ends the computation.

    Raises:
        MemoryError: llama.cpp could not make it.
    """

    def __init__(
        self,
        model: Any,
        context_length: int,
        threads: Threads,
        must_stop: Callable[[], bool],
    ) -> None:
        parameters = llama_cpp.llama_context_default_params()
        trained = int(llama_cpp.llama_model_n_ctx_train(model))
        parameters.n_ctx = min(context_length, trained) if trained > 0 else context_length
        parameters.n_batch = parameters.n_ubatch = LARGEST
        # Logits of the last token only: with 150,000 tokens the buffers take 7 MiB instead of 296.
        parameters.n_outputs_max = 1
        parameters.n_threads = threads.generating
        parameters.n_threads_batch = threads.reading
        parameters.no_perf = True
        self.handle = llama_cpp.llama_init_from_model(model, parameters)
        if not self.handle:
            raise MemoryError
        # The library keeps a bare pointer, so the callback must live as long as this object.
        self._callback = llama_cpp.ggml_abort_callback(lambda _data: must_stop())
        llama_cpp.llama_set_abort_callback(self.handle, self._callback, None)
        self.cache = KeyValueCache(llama_cpp.llama_get_memory(self.handle))
        self.length = int(llama_cpp.llama_n_ctx(self.handle))

    def decode(self, tokens: Sequence[int]) -> None:
        """Compute ``tokens``, at most ``LARGEST`` of them, after those in the cache.

        Raises:
            DecodingStopped: ``must_stop`` said so.
            DecodingError: llama.cpp could not.
        """
        before = len(self.cache)
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = int(
            llama_cpp.llama_decode(self.handle, llama_cpp.llama_batch_get_one(array, len(tokens)))
        )
        if status == DECODED:
            self.cache.extend(tokens)
        elif status == ABORTED:
            # Parts of the batch may be in the memory already.
            self.cache.cut(before)
            raise DecodingStopped
        else:
            self.cache.clear()
            raise DecodingError(status)

    def wait(self) -> None:
        """Return when an accelerator has done what it was given."""
        llama_cpp.llama_synchronize(self.handle)
