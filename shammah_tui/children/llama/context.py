"""A llama.cpp context: the place where one sequence of tokens is computed."""

import ctypes
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import llama_cpp

from shammah_tui.children.llama.inbox import StopFlag
from shammah_tui.children.llama.kv_cache import KeyValueCache
from shammah_tui.children.llama.threads import Threads
from shammah_tui.core.model.model_spec import FlashAttention, KvType

FLASH_ATTENTION = {
    FlashAttention.AUTO: llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO,
    FlashAttention.ON: llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    FlashAttention.OFF: llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
KV_TYPES = {
    KvType.AUTO: llama_cpp.GGML_TYPE_F16,
    KvType.F16: llama_cpp.GGML_TYPE_F16,
    KvType.Q8_0: llama_cpp.GGML_TYPE_Q8_0,
}

DECODED, ABORTED, NO_MEMORY = 0, 2, -2
"""What ``llama_decode`` returns (llama.h)."""

QUICK_TOKEN_S = 0.5
"""After a token that took less, the next one is computed without a look from Python in between:
the look costs 4 % of the pace, and tokens that follow each other so fast are signs of life."""


class DecodingStopped(Exception):  # noqa: N818 - not an error
    """The abort callback ended a computation; the cache holds no more than before."""


class DecodingError(Exception):
    """A computation failed; the cache has been cleared.

    Attributes:
        out_of_memory: Whether the cause is known to be memory.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"llama_decode returned {status}")
        self.out_of_memory = status == NO_MEMORY


@dataclass(frozen=True, slots=True)
class ContextOptions:
    """How a context is made.

    Attributes:
        length: Tokens wished for; not more than the model was trained for are made.
        threads: How many threads compute.
        batch_size: Tokens that are computed at once, at most: ``n_batch`` and ``n_ubatch``.
        flash_attention: Whether to use it; a q8_0 cache is refused without.
        kv_type: How keys and values are stored.
    """

    length: int
    threads: Threads
    batch_size: int
    flash_attention: FlashAttention = FlashAttention.AUTO
    kv_type: KvType = KvType.AUTO


class Context:
    """One context of one model, holding one sequence.

    Args:
        must_stop: Asked between any two operations on a processor, save those of quick tokens;
            True ends the computation.
        stop: Ends the computation of quick tokens.

    Attributes:
        length: Tokens that it holds.
        batch_size: Tokens that are computed at once, at most.

    Raises:
        MemoryError: llama.cpp could not make it.
    """

    def __init__(
        self,
        model: Any,
        options: ContextOptions,
        must_stop: Callable[[], bool],
        stop: StopFlag,
    ) -> None:
        parameters = llama_cpp.llama_context_default_params()
        trained = int(llama_cpp.llama_model_n_ctx_train(model))
        parameters.n_ctx = min(options.length, trained) if trained > 0 else options.length
        parameters.n_batch = parameters.n_ubatch = options.batch_size
        parameters.flash_attn_type = FLASH_ATTENTION[options.flash_attention]
        parameters.type_k = parameters.type_v = KV_TYPES[options.kv_type]
        # Logits of the last token only: with 150,000 tokens the buffers take 7 MiB instead of 296.
        parameters.n_outputs_max = 1
        parameters.n_threads = options.threads.generating
        parameters.n_threads_batch = options.threads.reading
        parameters.no_perf = True
        self.handle = llama_cpp.llama_init_from_model(model, parameters)
        if not self.handle:
            raise MemoryError
        # The library keeps a bare pointer, so the callback must live as long as this object.
        self._must_stop = must_stop
        self._stop = stop
        self._asking = llama_cpp.ggml_abort_callback(lambda _data: self._must_stop())
        self._looking = ctypes.cast(ctypes.c_void_p(stop.callback), type(self._asking))
        self._is_quick = False
        self._last_token_s = math.inf
        llama_cpp.llama_set_abort_callback(self.handle, self._asking, None)
        recurrent = llama_cpp.llama_model_is_hybrid(model) or llama_cpp.llama_model_is_recurrent(
            model
        )
        self.cache = KeyValueCache(self.handle, recurrent=bool(recurrent))
        self.length = int(llama_cpp.llama_n_ctx(self.handle))
        self.batch_size = options.batch_size

    def decode(self, tokens: Sequence[int]) -> None:
        """Compute ``tokens``, at most a batch of them, after those in the cache.

        Raises:
            DecodingStopped: ``must_stop`` said so.
            DecodingError: llama.cpp could not.
        """
        before = len(self.cache)
        self._let_quick(len(tokens) == 1 and self._last_token_s < QUICK_TOKEN_S)
        began_s = time.perf_counter()
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = int(
            llama_cpp.llama_decode(self.handle, llama_cpp.llama_batch_get_one(array, len(tokens)))
        )
        if len(tokens) == 1:
            self._last_token_s = time.perf_counter() - began_s
        if status == DECODED:
            self.cache.extend(tokens)
        elif status == ABORTED:
            # Parts of the batch may be in the memory already.
            self.cache.cut(before)
            raise DecodingStopped
        else:
            self.cache.clear()
            raise DecodingError(status)

    @contextmanager
    def stopped_by(self, must_stop: Callable[[], bool]) -> Iterator[None]:
        """Ask ``must_stop`` instead of the usual one for as long as the block lasts."""
        usual, self._must_stop = self._must_stop, must_stop
        try:
            yield
        finally:
            self._must_stop = usual

    def wait(self) -> None:
        """Return when an accelerator has done what it was given."""
        llama_cpp.llama_synchronize(self.handle)

    def _let_quick(self, is_quick: bool) -> None:
        if is_quick is not self._is_quick:
            self._is_quick = is_quick
            callback, data = (self._looking, self._stop.data) if is_quick else (self._asking, None)
            llama_cpp.llama_set_abort_callback(self.handle, callback, data)
