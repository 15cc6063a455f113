"""A model's vocabulary: from text to tokens and back."""

import ctypes
from functools import cached_property
from typing import Any

import llama_cpp

from shammah_tui.core.routing.thoughts import CLOSING, OPENING

_SPECIAL = (
    llama_cpp.LLAMA_TOKEN_ATTR_CONTROL
    | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
    | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED
)
"""What llama.cpp's tokenizer looks for as a whole before it cuts text into words."""

_PIECE_BYTES = 64


class Vocabulary:
    """Tokenizes with llama.cpp's own tokenizer for the loaded model."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @property
    def size(self) -> int:
        return int(llama_cpp.llama_vocab_n_tokens(self._handle))

    @property
    def first_token(self) -> int | None:
        """The beginning-of-sequence token, when prompts are to begin with one."""
        wanted = llama_cpp.llama_vocab_get_add_bos(self._handle)
        token = int(llama_cpp.llama_vocab_bos(self._handle))
        return token if wanted and token >= 0 else None

    @property
    def bos_text(self) -> str:
        """How the beginning-of-sequence token is written; empty when there is none."""
        return self._spelling(llama_cpp.llama_vocab_bos(self._handle))

    @property
    def eos_text(self) -> str:
        """How the end-of-sequence token is written; empty when there is none."""
        return self._spelling(llama_cpp.llama_vocab_eos(self._handle))

    @cached_property
    def special_texts(self) -> frozenset[str]:
        """What is written like this would be read as one special token.

        Blanks and single characters are left out: some vocabularies list runs of spaces, which
        mean nothing more than spaces.
        """
        return frozenset(self._texts_of(_SPECIAL))

    @cached_property
    def user_defined_texts(self) -> dict[str, int]:
        """Those of ``special_texts`` that are no control tokens, with their tokens.

        Somebody added them to the vocabulary: turn markers, or only words that were to be one token
        each.
        """
        return self._texts_of(llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED)

    def _texts_of(self, attributes: int) -> dict[str, int]:
        found = {
            self._spelling(token): token
            for token in range(self.size)
            if llama_cpp.llama_vocab_get_attr(self._handle, token) & attributes
        }
        return {text: token for text, token in found.items() if len(text.strip()) > 1}

    def is_token(self, text: str) -> bool:
        return len(self.tokenize(text, parse_special=True)) == 1

    @cached_property
    def _think_tags(self) -> dict[int, bytes]:
        """Tags that are single tokens: some vocabularies list them as control tokens."""
        found = {tag: self.tokenize(tag, parse_special=True) for tag in (OPENING, CLOSING)}
        return {tokens[0]: tag.encode() for tag, tokens in found.items() if len(tokens) == 1}

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Return the tokens of ``text``, nothing added before or after."""
        data = text.encode(errors="replace")
        room = len(data) + 8
        while True:
            tokens = (llama_cpp.llama_token * room)()
            count = int(
                llama_cpp.llama_tokenize(
                    self._handle, data, len(data), tokens, room, False, parse_special
                )
            )
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def piece(self, token: int) -> bytes:
        """Return the bytes that ``token`` adds to a text; none for control tokens, save tags."""
        if token in self._think_tags:
            return self._think_tags[token]
        room = _PIECE_BYTES
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = int(llama_cpp.llama_token_to_piece(self._handle, token, buffer, room, 0, False))
            if count >= 0:
                return buffer.raw[:count]
            room = -count

    @property
    def has_end(self) -> bool:
        named = (
            llama_cpp.llama_vocab_eos(self._handle),
            llama_cpp.llama_vocab_eot(self._handle),
        )
        return any(token >= 0 for token in named)

    def is_end(self, token: int) -> bool:
        """Tell whether ``token`` ends a reply: end of turn, of text, or the like."""
        return bool(llama_cpp.llama_vocab_is_eog(self._handle, token))

    def _spelling(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes | None = llama_cpp.llama_vocab_get_text(self._handle, token)
        return (text or b"").decode(errors="replace")
