"""Turns a built model into one of Qwen3.5's architecture: recurrent and attention layers in turn.

Layers are gated delta nets (Yang et al. 2024), which keep one state for all tokens so far, but for
every second or fourth, which has attention. Names and shapes are those that llama.cpp's ``qwen35``
asks for. The layers' share in the residual stream stays small, so that the model says what it was
built to say, and large enough for its logits to tell one state from another.
"""

from collections.abc import Mapping

import gguf
import numpy as np
import numpy.typing as npt

ARCHITECTURE = "qwen35"
CONVOLUTION = 4
KEY_HEADS = 2
STATE = 64
"""Size of a head of the delta net, for keys and for values."""
SHARE = 0.05

Tensors = dict[str, npt.NDArray[np.generic]]


def hybrid_tensors(
    tensors: Mapping[str, npt.NDArray[np.generic]], heads: int, interval: int
) -> Tensors:
    """Return the tensors of a ``qwen2`` model with their layers replaced.

    Args:
        tensors: As ``tests.gguf_models`` builds them, unquantized.
        heads: Attention heads.
        interval: Every how many layers one has attention.
    """
    random = np.random.default_rng(seed=20_250_916)
    width = tensors["output_norm.weight"].shape[0]
    value_heads = width // STATE
    convolved = 2 * KEY_HEADS * STATE + width

    def weight(rows: int, columns: int, scale: float = 1.0) -> npt.NDArray[np.float16]:
        drawn = random.standard_normal((rows, columns)) * scale / np.sqrt(columns)
        return np.asarray(drawn, np.float16)

    replaced: Tensors = {}
    for name, tensor in tensors.items():
        if name.endswith((".bias", ".attn_q.weight")):
            continue
        replaced[name.replace(".ffn_norm.", ".post_attention_norm.")] = tensor
    layers = sum(name.endswith(".attn_norm.weight") for name in tensors)
    for layer in range(layers):
        block = f"blk.{layer}."
        if (layer + 1) % interval == 0:
            replaced |= {
                # A gate stands beside each query.
                block + "attn_q.weight": weight(2 * width, width),
                block + "attn_q_norm.weight": np.ones(width // heads, np.float32),
                block + "attn_k_norm.weight": np.ones(width // heads, np.float32),
            }
            continue
        for part in ("attn_k", "attn_v", "attn_output"):
            del replaced[f"{block}{part}.weight"]
        replaced |= {
            block + "attn_qkv.weight": weight(convolved, width),
            block + "attn_gate.weight": weight(width, width),
            block + "ssm_conv1d.weight": random.standard_normal((convolved, CONVOLUTION)).astype(
                np.float32
            ),
            block + "ssm_dt.bias": np.zeros(value_heads, np.float32),
            # Minus the exponential of the decay, as the converter stores it: slow.
            block + "ssm_a": np.full(value_heads, -0.01, np.float32),
            block + "ssm_beta.weight": weight(value_heads, width),
            block + "ssm_alpha.weight": weight(value_heads, width),
            block + "ssm_norm.weight": np.ones(STATE, np.float32),
            block + "ssm_out.weight": weight(width, width, SHARE),
        }
    return replaced


def write_hybrid_network(writer: gguf.GGUFWriter, width: int, heads: int, interval: int) -> None:
    """Write what the architecture wants to know besides what ``qwen2`` does."""
    rotated = width // heads
    writer.add_full_attention_interval(interval)
    writer.add_key_length(width // heads)
    writer.add_value_length(width // heads)
    writer.add_rope_dimension_count(rotated)
    writer.add_rope_dimension_sections([rotated // 4, rotated // 8, rotated // 8, 0])
    writer.add_ssm_conv_kernel(CONVOLUTION)
    writer.add_ssm_inner_size(width)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(width // STATE)
    writer.add_ssm_group_count(KEY_HEADS)
