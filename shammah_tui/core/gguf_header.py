"""What a GGUF file says of itself, from its first bytes (ggml's docs/gguf.md, versions 2 and 3)."""

import struct

MAGIC = b"GGUF"

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a number or truth value, by its type."""
_TEXT, _ARRAY = 8, 9


def texts(data: bytes) -> dict[str, str]:
    """Return the metadata that are texts, by key, as far as ``data`` has them.

    Whatever stands in ``data``: what cannot be read ends it.

    Args:
        data: The beginning of a file. What a file is stands within the first kilobytes; the rest
            of a model's metadata is its vocabulary.
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
    def __init__(self, data: bytes) -> None:
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
