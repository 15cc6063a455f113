"""Builds LoRA adapters for the models of ``tests.gguf_models``, one that visibly says otherwise."""

from pathlib import Path

import gguf
import numpy as np

from tests.gguf_models import LOGIT

BLANK_LINE = "ĊĊ"
"""The token after which a built model begins its reply, in the vocabulary's spelling."""


def build_lora(
    path: Path,
    model: Path,
    say: str,
    *,
    after: str = BLANK_LINE,
    kind: str = gguf.GGUFType.ADAPTER,
    adapter_type: str = "lora",
    architecture: str = "qwen2",
    width: int | None = None,
    tensor: str = "output.weight",
) -> Path:
    """Write an adapter of rank 1 that lets ``say`` follow on ``after``, and return its path.

    Args:
        path: Where to write.
        model: The model that it is made for.
        say: A token of the model, in the vocabulary's spelling.
        after: The token that it is to follow.
        kind: ``general.type``; any but ``adapter`` makes a file that is refused.
        adapter_type: ``adapter.type``.
        architecture: ``general.architecture``.
        width: Columns of the matrix; None is the model's own.
        tensor: Which matrix of the model it changes.
    """
    reader = gguf.GGUFReader(model)
    tokens = list(reader.fields["tokenizer.ggml.tokens"].contents())
    (embeddings,) = (each.data for each in reader.tensors if each.name == "token_embd.weight")
    before = embeddings[tokens.index(after)].astype(np.float32)
    size = len(before)
    # The state after ``after`` is that embedding, sqrt(width) long.
    down = (before / np.linalg.norm(before)).reshape(1, size)
    up = np.zeros((len(tokens), 1), np.float32)
    up[tokens.index(say)] = 3 * LOGIT / np.sqrt(size)

    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(kind)
    writer.add_string(gguf.Keys.Adapter.TYPE, adapter_type)
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, 1.0)
    writer.add_tensor(f"{tensor}.lora_a", np.resize(down, (1, width or size)))
    writer.add_tensor(f"{tensor}.lora_b", up)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
