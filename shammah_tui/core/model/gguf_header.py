"""What a GGUF file says of itself, from its first bytes (ggml's docs/gguf.md, versions 2 and 3)."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

MAGIC = b"GGUF"

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a number or truth value, by its type."""
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9

_NAME = "general.architecture"
_VOCABULARY = "tokenizer.ggml.tokens"
"""By far the longest entry; what the network looks like stands before it, in nearly all files."""
_MOST_LAYERS = 4_096
_MOST = 2**31
"""Greater numbers are damage."""

_F16_BYTES, _F32_BYTES = 2, 4


class Data(Protocol):
    """The beginning of a file, or a file that is mapped into memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model's file says of the memory that it takes besides its weights.

    Attributes:
        context_length: Longest context it was trained for, in tokens; 0 where it does not say.
        n_layer: Number of layers.
        n_head: Attention heads of a layer, at most.
        kv_bytes_per_token: Size of the f16 key-value cache for one token, over all layers. Layers
            with a sliding window count in full, as the engine makes them.
        recurrent_state_bytes: Fixed state of recurrent layers.
    """

    context_length: int
    n_layer: int
    n_head: int
    kv_bytes_per_token: int
    recurrent_state_bytes: int


def shape(data: Data) -> Shape | None:
    """Return what a model's file says of its network; None where that cannot be read.

    Whatever stands in ``data``: damage is no reason to raise. A vocabulary that stands before the
    network is passed over, which takes some tenths of a second where it is long.
    """
    found: dict[str, object] = {}
    for key, value in _entries(data):
        if key == _VOCABULARY and f"{found.get(_NAME)}.block_count" in found:
            break
        if value is not None:
            found[key] = value
    prefix = f"{found.get(_NAME)}."
    return _shape({key.removeprefix(prefix): value for key, value in found.items()})


def _shape(network: Mapping[str, object]) -> Shape | None:
    def number(key: str, default: int = 0) -> int:
        value = network.get(key, default)
        return value if isinstance(value, int) and 0 <= value < _MOST else default

    layers, width = number("block_count"), number("embedding_length")
    if not 0 < layers <= _MOST_LAYERS or not width:
        return None

    def each_layer(key: str, default: list[int]) -> list[int]:
        """Return a number for each layer: one for all, or a list."""
        value = network.get(key)
        if isinstance(value, list) and value:
            known = [each if isinstance(each, int) and 0 <= each < _MOST else 0 for each in value]
            return (known + known[-1:] * layers)[:layers]
        return [number(key)] * layers if isinstance(value, int) else default

    heads = each_layer("attention.head_count", [0] * layers)
    kv_heads = each_layer("attention.head_count_kv", heads)
    head_size = width // max(heads) if max(heads) else 0
    key_length = number("attention.key_length", head_size)
    value_length = number("attention.value_length", head_size)
    # Those of the last layers are another layer's (Gemma 3n).
    own = layers - min(layers, number("attention.shared_kv_layers"))
    interval = number("full_attention_interval")
    has_state = "ssm.state_size" in network or "wkv.head_size" in network
    attends = [
        count > 0 and at < own and not (interval and has_state and (at + 1) % interval)
        for at, count in enumerate(kv_heads)
    ]
    per_token = sum(count for count, reads in zip(kv_heads, attends, strict=True) if reads)
    recurrent = sum(not reads for reads in attends)
    if has_state and not interval and recurrent == 0:
        # Every layer has both (Falcon-H1).
        recurrent = layers
    inner, state = number("ssm.inner_size"), number("ssm.state_size")
    convolved = inner + 2 * number("ssm.group_count") * state
    kept = state * inner + max(0, number("ssm.conv_kernel") - 1) * convolved
    kept += width * (number("wkv.head_size") + (2 if "wkv.head_size" in network else 0))
    return Shape(
        context_length=number("context_length"),
        n_layer=layers,
        n_head=max(heads),
        kv_bytes_per_token=per_token * (key_length + value_length) * _F16_BYTES,
        recurrent_state_bytes=recurrent * kept * _F32_BYTES if has_state else 0,
    )


def _entries(data: Data) -> Iterator[tuple[str, object]]:
    """Yield the metadata by key, as far as they can be read; None for lists that are long."""
    reader = _Reader(data)
    try:
        if reader.take(len(MAGIC)) != MAGIC:
            return
        reader.skip(4 + 8)
        for _ in range(reader.number("<Q")):
            key = reader.text()
            # Before the value is looked at: whoever knows enough ends here.
            if key == _VOCABULARY:
                yield key, None
            yield key, reader.value(reader.number("<I"))
    except _EndError:
        return


def texts(data: bytes) -> dict[str, str]:
    """Return the metadata that are texts, by key, as far as ``data`` has them.

    Whatever stands in ``data``: what cannot be read ends it. What a file is stands within its first
    kilobytes; the rest of a model's metadata is its vocabulary.
    """
    found: dict[str, str] = {}
    reader = _Reader(data)
    try:
        if reader.take(len(MAGIC)) != MAGIC:
            return found
        reader.skip(4 + 8)
        for _ in range(reader.number("<Q")):
            key = reader.text()
            kind = reader.number("<I")
            if kind == _TEXT:
                found[key] = reader.text()
            else:
                reader.skip_value(kind)
    except _EndError:
        pass
    return found


class _EndError(Exception):
    """There is no more that can be read."""


class _Reader:
    def __init__(self, data: Data) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        begin = self._at
        self.skip(count)
        return self._data[begin : self._at]

    def skip(self, count: int) -> None:
        if count > len(self._data) - self._at:
            raise _EndError
        self._at += count

    def number(self, form: str) -> int:
        value: int
        (value,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return value

    def text(self) -> str:
        return self.take(self.number("<Q")).decode(errors="replace")

    def value(self, kind: int) -> object:
        """Return a number, a text or a short list of numbers; None for any other, passed over."""
        if kind == _TEXT:
            return self.text()
        if kind in _FORMS:
            return self.number(f"<{_FORMS[kind]}")
        if kind == _ARRAY:
            begin = self._at
            of, count = self.number("<I"), self.number("<Q")
            if of in _FORMS and count <= _MOST_LAYERS:
                return [self.number(f"<{_FORMS[of]}") for _ in range(count)]
            self._at = begin
        self.skip_value(kind)
        return None

    def skip_value(self, kind: int) -> None:
        if kind in _SIZES:
            self.skip(_SIZES[kind])
        elif kind == _TEXT:
            self.skip(self.number("<Q"))
        elif kind == _ARRAY:
            of, count = self.number("<I"), self.number("<Q")
            if of in _SIZES:
                self.skip(_SIZES[of] * count)
            elif of == _TEXT:
                # Each takes at least the eight bytes of its length, so this ends with the data.
                for _ in range(count):
                    self.skip_value(of)
            else:
                raise _EndError
        else:
            raise _EndError
