"""How much memory a model needs, how much may be used, and how long a context fits.

The constants and the table of defaults they serve were worked out over the published GGUF sizes
of the Qwen family in November 2026.
"""

from shammah_tui.core.model.model_spec import KvType, ModelSpec

GIB = 2**30
COMPUTE_BUFFER_BYTES = 3 * GIB // 4
"""What llama.cpp takes for its graph and batches, at most, whatever the model."""
LEAST_COMPUTE_BUFFER_BYTES = GIB // 8
"""The same without the attention's scores, which depend on the context and the heads."""
SCORE_BYTES, SCORE_BATCH = 4, 512

RESERVE_BYTES = 2 * GIB
RESERVE_SHARE = 0.25
"""What is left to everything else: the greater of the two, of the memory there is."""

CONTEXT_LENGTHS = (4_096, 8_192, 16_384, 32_768)
"""What is chosen from. Native contexts reach 262 144 tokens, whose cache alone fills a machine."""

FALLBACK_KV_BYTES_PER_TOKEN = 147_456
"""For a model that nothing is known of: that of Qwen3 4B and 8B, a generous one for its size."""

OUTPUT_SHARE = 0.2
"""Share of the files that the output layer takes, which is the first that llama.cpp offloads.

Vocabulary times width at 6.6 bits a weight is 2 to 19 % of the catalogue's models from 4B on. It is
up to 39 % of smaller ones, which fit whole wherever the buffers do.
"""


def need_bytes(model: ModelSpec, context_length: int, kv_type: KvType = KvType.F16) -> int | None:
    """Return the memory that a model needs, or None while the size of its files is unknown.

    Files, key-value cache, the fixed state of hybrid architectures and compute buffers.
    """
    files = model.size_bytes
    if files is None:
        return None
    per_token = model.kv_bytes_per_token
    if per_token is None:
        per_token = FALLBACK_KV_BYTES_PER_TOKEN
    cache = round(per_token * kv_type.share_of_f16 * context_length)
    buffers = compute_buffer_bytes(model, context_length)
    return files + cache + model.recurrent_state_bytes + buffers


def compute_buffer_bytes(model: ModelSpec, context_length: int) -> int:
    """Return what the buffers take: scores for each head, where it is known how many there are."""
    if not model.n_head:
        return COMPUTE_BUFFER_BYTES
    # Two more for the masks.
    scores = (model.n_head + 2) * context_length * SCORE_BATCH * SCORE_BYTES
    return min(COMPUTE_BUFFER_BYTES, LEAST_COMPUTE_BUFFER_BYTES + scores)


def budget_bytes(total_bytes: int, free_bytes: int) -> int:
    """Return how much of a memory a model may take: what is free, less a share left to others."""
    reserve = max(RESERVE_BYTES, round(total_bytes * RESERVE_SHARE))
    return max(0, min(free_bytes, total_bytes - reserve))


def context_that_fits(
    model: ModelSpec,
    budget: int,
    longest: int = CONTEXT_LENGTHS[-1],
    kv_type: KvType = KvType.F16,
) -> int | None:
    """Return the longest of ``CONTEXT_LENGTHS`` up to ``longest`` that fits, or None.

    A model whose size is unknown gets the second shortest: a conversation's worth, at little cost.
    """
    native = model.native_context or longest
    # Where the model was trained for less than the shortest, for that.
    allowed = [length for length in CONTEXT_LENGTHS if length <= min(longest, native)] or [native]
    if model.size_bytes is None:
        return min(CONTEXT_LENGTHS[1], max(allowed, default=CONTEXT_LENGTHS[0]))
    for length in reversed(allowed):
        need = need_bytes(model, length, kv_type)
        if need is not None and need <= budget:
            return length
    return None


def layers_that_fit(
    model: ModelSpec, context_length: int, free_bytes: int, kv_type: KvType = KvType.F16
) -> int:
    """Return how many layers of a model fit an accelerator's memory, by the rule of ``need_bytes``.

    Counted as llama.cpp counts them: the output layer first, then the others from the last on, each
    with its share of the files, of the cache and of the state; from 0 to ``n_layer`` + 1. The
    compute buffers are needed whole. Of a model whose layers or files are unknown nothing fits.
    """
    files, need = model.size_bytes, need_bytes(model, context_length, kv_type)
    if files is None or need is None or not model.n_layer:
        return 0
    if need <= free_bytes:
        return model.n_layer + 1
    output = round(files * OUTPUT_SHARE)
    layer = (need - COMPUTE_BUFFER_BYTES - output) / model.n_layer
    room = free_bytes - COMPUTE_BUFFER_BYTES - output
    return 0 if room < 0 else min(model.n_layer, 1 + int(room / layer))
