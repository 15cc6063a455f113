"""Builds small Qwen2-architecture GGUF files that llama.cpp really loads and that answer sensibly.

The weights are written, not trained: the token embeddings are random, hence nearly orthogonal
vectors, attention and feed-forward layers add next to nothing to the residual stream, and the
output matrix holds, for each token of the reply, the embedding of the token before it. That is a
Markov chain (``after A comes B``) with logits of about ``LOGIT`` against noise of a few units, so
the reply comes out under greedy decoding as well as at temperature 1 with the penalties of the
model cards. A newline after the assistant's role starts the chain, the end-of-turn token ends it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import gguf
import numpy as np
import numpy.typing as npt
from gguf import GGMLQuantizationType as Quant
from gguf.quants import quantize

from tests.gguf_hybrid import ARCHITECTURE, hybrid_tensors, write_hybrid_network
from tests.gguf_tokenizer import TRAINING_TEXT, Tokenizer, spell, spell_bytes, split_words

REPLY = "Hello from your own machine — ready."
"""What a built model says unless told otherwise."""

CHAT_TEMPLATE = """
{%- for message in messages %}
    {%- if message.role not in ['system', 'user', 'assistant'] %}
        {{- raise_exception('Unknown role: ' + message.role) }}
    {%- endif %}
    {%- set text = message.content %}
    {%- if message.role == 'assistant' and '</think>' in text %}
        {%- set text = text.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + text + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and not enable_thinking %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- elif thinks %}
        {{- '<think>\\n' }}
    {%- endif %}
{%- endif %}
"""
"""ChatML with Qwen3's switch for thinking; the builder sets ``thinks`` for a thinking model."""

START_OF_TURN = "<|im_start|>"
END_OF_TURN = "<|im_end|>"
END_OF_TEXT = "<|endoftext|>"
START_OF_THOUGHT = "<think>"
END_OF_THOUGHT = "</think>"
CONTROL_TOKENS = (END_OF_TEXT, START_OF_TURN, END_OF_TURN)
USER_DEFINED_TOKENS = (START_OF_THOUGHT, END_OF_THOUGHT)

FILE_TYPES = {
    Quant.F16: gguf.LlamaFileType.MOSTLY_F16,
    Quant.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
    Quant.Q4_0: gguf.LlamaFileType.MOSTLY_Q4_0,
}

LEARNT_MERGES = 300
ENDLESS_WORDS = 3_000
LOGIT = 60.0
RESIDUAL_SCALE = 0.01
"""How much a layer adds to the residual stream, relative to the embedding."""
EPSILON = 1e-6


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; head size is ``embedding / heads``.

    Attributes:
        full_attention_interval: In a hybrid, every how many layers one has attention.
    """

    layers: int = 2
    embedding: int = 256
    feed_forward: int = 256
    heads: int = 4
    kv_heads: int = 2
    full_attention_interval: int = 2


def build_model(
    path: Path,
    *,
    reply: str | Sequence[bytes] = REPLY,
    thinking: str | None = None,
    end: str = END_OF_TURN,
    endless: bool = False,
    loop: bool = False,
    shape: Shape | None = None,
    size_bytes: int | None = None,
    parts: int = 1,
    context_length: int = 32_768,
    name: str = "Shammah Test",
    architecture: str = "qwen2",
    chat_template: str | None = CHAT_TEMPLATE,
    quant: Quant = Quant.F16,
    vocabulary: int = 0,
    control_tags: bool = False,
    pre_tokenizer: str | None = "qwen2",
    user_defined: Sequence[str] = (),
    renamed: Mapping[str, str] = MappingProxyType({}),
    named_templates: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write a model and return the file to open (the first part of a split one).

    Args:
        path: Where to write; a split model puts ``-00001-of-0000N`` before the suffix.
        reply: What it says to everything. Its words become tokens of their own, so that what was
            generated is read back as the same tokens; a word that comes again is joined to the
            next one in a token that the tokenizer cannot produce. Or its tokens, in bytes, all
            different; they may cut characters.
        thinking: What it says first, between think tags, when asked to think; begins inside the
            block, as Qwen3.5 does.
        end: The control token after the reply.
        endless: Go on after the reply with ``ENDLESS_WORDS`` others, and so for ever.
        loop: Begin the reply again after its end, for ever, as small models do.
        shape: Sizes of the network.
        size_bytes: Widen the feed-forward layers with random weights until the file has about
            this size; it also slows reading the prompt down in proportion.
        parts: How many files to write.
        context_length: The context that it claims to be trained for.
        name: ``general.name``.
        architecture: ``general.architecture``; ``qwen35`` makes a hybrid of it, see
            ``tests.gguf_hybrid``; any but that and ``qwen2`` is a file that llama.cpp refuses.
        chat_template: The Jinja template; None leaves it out.
        quant: How the layers' matrices are stored; the vocabulary's stay f16.
        vocabulary: Tokens at least, for the cost of a real one; the added ones are never said.
        control_tags: List the think tags as control tokens, as some conversions do.
        pre_tokenizer: ``tokenizer.ggml.pre``; None leaves it out, as old conversions do.
        user_defined: Further tokens of that kind, as Gemma lists HTML tags.
        renamed: Other spellings for control tokens, such as another family's turn markers.
        named_templates: Further templates, by name.
    """
    shape = shape or Shape()
    tokenizer = Tokenizer()
    tokenizer.learn(TRAINING_TEXT, LEARNT_MERGES)
    newline, blank_line = tokenizer.add_word("\n"), tokenizer.add_word("\n\n")
    taken = {newline, blank_line}
    if isinstance(reply, str):
        spoken = _pieces(tokenizer, reply, taken)
    else:
        spoken = [tokenizer.add_token(spell_bytes(piece)) for piece in reply]
    thought = _pieces(tokenizer, thinking, taken) if thinking else []
    for token in (*CONTROL_TOKENS, *USER_DEFINED_TOKENS, *user_defined):
        tokenizer.add_token(token)
    tokenizer.tokens += [f"<unused{number}>" for number in range(len(tokenizer.tokens), vocabulary)]

    words = [spell(f" w{number}w") for number in range(ENDLESS_WORDS)]
    after = list(itertools.pairwise(spoken))
    if endless:
        # The whole round is longer than any loop that is looked for.
        tokenizer.tokens += words
        spoken_on = [spoken[-1], *words, spoken[0]]
        after += itertools.pairwise(spoken_on)
    else:
        after.append((spoken[-1], spoken[0] if loop else end))
    after.append((blank_line, spoken[0]))
    if thought:
        after += zip([newline, *thought], [*thought, END_OF_THOUGHT], strict=True)
        after.append((END_OF_THOUGHT, blank_line))
    else:
        after.append((newline, spoken[0]))

    tensors = _tensors(tokenizer.tokens, after, shape, size_bytes, quant)
    if architecture == ARCHITECTURE:
        tensors = hybrid_tensors(tensors, shape.heads, shape.full_attention_interval)
    per_part = -(-len(tensors) // parts) if parts > 1 else 0
    writer = gguf.GGUFWriter(path, architecture, split_max_tensors=per_part)
    writer.add_file_type(FILE_TYPES[quant])
    _write_network(writer, shape, tensors["blk.0.ffn_up.weight"].shape[0], context_length, name)
    if architecture == ARCHITECTURE:
        write_hybrid_network(writer, shape.embedding, shape.heads, shape.full_attention_interval)
    _write_tokenizer(writer, tokenizer, control_tags, pre_tokenizer, user_defined, renamed)
    if named_templates:
        writer.add_chat_template(
            [{"name": name, "template": text} for name, text in named_templates.items()]
        )
    if chat_template is not None:
        prefix = "{%- set thinks = " + ("true" if thought else "false") + " %}"
        writer.add_chat_template(prefix + chat_template)
    for tensor_name, tensor in tensors.items():
        writer.add_tensor(
            tensor_name, tensor, raw_dtype=quant if tensor.dtype == np.uint8 else None
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    if parts == 1:
        return path
    return path.with_name(f"{path.stem}-00001-of-{parts:05d}.gguf")


def _pieces(tokenizer: Tokenizer, text: str, taken: set[str]) -> list[str]:
    """Cut ``text`` into tokens none of which comes twice; adds them to ``taken``."""
    pieces: list[str] = []
    pending = ""
    for word in split_words(text):
        token = spell(pending + word)
        if token in taken:
            pending += word
            continue
        pieces.append(tokenizer.add_token(token) if pending else tokenizer.add_word(word))
        taken.add(token)
        pending = ""
    if pending:
        if not pieces:
            raise ValueError(f"A reply of {text!r} alone cannot be told from its start")
        pieces[-1] = tokenizer.add_token(pieces[-1] + spell(pending))
    if not pieces:
        raise ValueError("A reply must not be empty")
    return pieces


def _tensors(
    tokens: list[str],
    after: list[tuple[str, str]],
    shape: Shape,
    size_bytes: int | None,
    quant: Quant,
) -> dict[str, npt.NDArray[np.generic]]:
    random = np.random.default_rng(seed=20_240_917)
    width, vocabulary = shape.embedding, len(tokens)
    embedding = random.standard_normal((vocabulary, width)).astype(np.float32)
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    ids = {token: id_ for id_, token in enumerate(tokens)}
    output = np.zeros((vocabulary, width), np.float32)
    for before, behind in after:
        # The final norm makes the state sqrt(width) long, so this row's product with it is LOGIT.
        output[ids[behind]] += embedding[ids[before]] * LOGIT / np.sqrt(width)

    feed_forward = shape.feed_forward
    if size_bytes is not None:
        outside = 2 * 2 * vocabulary * width + shape.layers * 6 * width * width
        wanted = (size_bytes - outside) // (shape.layers * 3 * 2 * width)
        feed_forward = max(32, wanted // 32 * 32)

    # A block of random numbers repeated: drawing 100 MB of them would take seconds.
    noise = (random.standard_normal(1 << 18) / np.sqrt(width)).astype(np.float16)

    def weight(rows: int, columns: int, scale: float = 1.0) -> npt.NDArray[np.generic]:
        scaled = noise * np.float16(scale)
        if quant is Quant.F16:
            return np.resize(scaled, (rows, columns))
        block_size, block_bytes = gguf.GGML_QUANT_SIZES[quant]
        blocks = quantize(scaled.astype(np.float32), quant)
        return np.resize(blocks, (rows, columns // block_size * block_bytes))

    kv_width = width // shape.heads * shape.kv_heads
    tensors: dict[str, npt.NDArray[np.generic]] = {
        "token_embd.weight": (embedding * np.sqrt(width)).astype(np.float16),
        "output_norm.weight": np.ones(width, np.float32),
        "output.weight": output.astype(np.float16),
    }
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        tensors |= {
            block + "attn_norm.weight": np.ones(width, np.float32),
            block + "attn_q.weight": weight(width, width),
            block + "attn_q.bias": np.zeros(width, np.float32),
            block + "attn_k.weight": weight(kv_width, width),
            block + "attn_k.bias": np.zeros(kv_width, np.float32),
            block + "attn_v.weight": weight(kv_width, width),
            block + "attn_v.bias": np.zeros(kv_width, np.float32),
            block + "attn_output.weight": weight(width, width, RESIDUAL_SCALE),
            block + "ffn_norm.weight": np.ones(width, np.float32),
            block + "ffn_gate.weight": weight(feed_forward, width),
            block + "ffn_up.weight": weight(feed_forward, width),
            block + "ffn_down.weight": weight(
                width, feed_forward, RESIDUAL_SCALE * float(np.sqrt(width / feed_forward))
            ),
        }
    return tensors


def _write_network(
    writer: gguf.GGUFWriter, shape: Shape, feed_forward: int, context_length: int, name: str
) -> None:
    writer.add_name(name)
    writer.add_context_length(context_length)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(EPSILON)


def _write_tokenizer(
    writer: gguf.GGUFWriter,
    tokenizer: Tokenizer,
    control_tags: bool,
    pre_tokenizer: str | None,
    user_defined: Sequence[str],
    renamed: Mapping[str, str],
) -> None:
    ids = {token: id_ for id_, token in enumerate(tokenizer.tokens)}
    types = [gguf.TokenType.NORMAL] * len(ids)
    for token in CONTROL_TOKENS:
        types[ids[token]] = gguf.TokenType.CONTROL
    for token in USER_DEFINED_TOKENS:
        types[ids[token]] = gguf.TokenType.CONTROL if control_tags else gguf.TokenType.USER_DEFINED
    for token in user_defined:
        types[ids[token]] = gguf.TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    if pre_tokenizer is not None:
        writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list([renamed.get(token, token) for token in tokenizer.tokens])
    writer.add_token_types(types)
    writer.add_token_merges([f"{left} {right}" for left, right in tokenizer.merges])
    writer.add_bos_token_id(ids[END_OF_TEXT])
    writer.add_eos_token_id(ids[END_OF_TURN])
    writer.add_pad_token_id(ids[END_OF_TEXT])
    writer.add_add_bos_token(False)
