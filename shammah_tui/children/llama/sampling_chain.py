"""Picks the next token with llama.cpp's samplers; every parameter is set here."""

from typing import Any, Self

import llama_cpp

from shammah_tui.core.model.sampling import Sampling

KEEP_ONE = 1
NO_FREQUENCY_PENALTY = 0.0


class SamplingChain:
    """A sampler for one reply; a context manager that frees it.

    The order is llama.cpp's own. Penalties reach over the whole reply and not into the prompt, as
    vLLM counts presence and as the figures of the model cards are meant. A temperature of 0 picks
    the most likely token; ``reply_tokens`` is the longest reply possible.
    """

    def __init__(self, sampling: Sampling, vocabulary_size: int, reply_tokens: int) -> None:
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        samplers: list[Any] = []
        if sampling.repeat_penalty != 1.0 or sampling.presence_penalty != 0.0:
            samplers.append(
                llama_cpp.llama_sampler_init_penalties(
                    vocabulary_size,
                    reply_tokens,
                    sampling.repeat_penalty,
                    NO_FREQUENCY_PENALTY,
                    sampling.presence_penalty,
                )
            )
        if sampling.temperature <= 0.0:
            samplers.append(llama_cpp.llama_sampler_init_greedy())
        else:
            seed = llama_cpp.LLAMA_DEFAULT_SEED if sampling.seed is None else sampling.seed
            samplers += [
                llama_cpp.llama_sampler_init_top_k(sampling.top_k),
                llama_cpp.llama_sampler_init_top_p(sampling.top_p, KEEP_ONE),
                llama_cpp.llama_sampler_init_min_p(sampling.min_p, KEEP_ONE),
                llama_cpp.llama_sampler_init_temp(sampling.temperature),
                llama_cpp.llama_sampler_init_dist(seed & 0xFFFFFFFF),
            ]
        for sampler in samplers:
            # The chain owns them from here on.
            llama_cpp.llama_sampler_chain_add(chain, sampler)
        self._chain = chain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        llama_cpp.llama_sampler_free(self._chain)

    def pick(self, context: Any) -> int:
        """Return the next token after what ``context`` decoded last, and remember it."""
        return int(llama_cpp.llama_sampler_sample(self._chain, context, -1))
