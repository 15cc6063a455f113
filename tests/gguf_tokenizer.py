"""A real byte-level BPE tokenizer of a few hundred tokens, as a GGUF file stores one.

Byte alphabet and merge rule are GPT-2's (Radford et al. 2019; Sennrich et al. 2016), the way of
cutting text into words is Qwen2's, so that llama.cpp's own tokenizer reproduces every token.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

TRAINING_TEXT = """
A lighthouse keeper writes down the weather four times a day. In the morning the sea is grey and
quiet; by noon the wind has turned, and the first boats come home. She asks the same questions each
time: where does the wind come from, how far can she see, and what do the waves look like? There is
nothing clever in the book, only a long and honest record of small things, and that is what makes it
useful. When a ship is late, someone reads the pages of that day and understands what happened.

People who write programs keep a record as well. They say what they measured, when they measured it
and with which machine, because a number without its story is only a rumour. The program in front of
you does one thing: it answers a question with the words of a model. Sometimes the model lives in a
big room far away, and sometimes it lives in your own computer, next to your letters. You
should always be able to see which of them is speaking, and you should be able to make it stop.

Hello, how are you today? I am fine, thank you, and what about yourself? Please tell me something
about the history of tea. Could you explain how a kettle works, and why the water sings before it
boils? Would you write a short poem about the rain on the roof of an old house? What is the capital
of France, and how many people live there? Is it better to read in the evening or in the morning?
"""

_WORD = re.compile(
    r"'(?:[sdmt]|ll|ve|re)"
    r"|[^\r\n\w]?[^\W\d_]+"
    r"|\d"
    r"| ?[^\s\w]+[\r\n]*"
    r"|\s*[\r\n]+"
    r"|\s+(?!\S)"
    r"|\s+",
    re.IGNORECASE,
)
"""Qwen2's pre-tokenizer, its letter and number classes written with the standard library's."""

Pair = tuple[str, str]


@cache
def byte_alphabet() -> tuple[str, ...]:
    """Return the character by which GPT-2's vocabulary writes each of the 256 bytes."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    spare = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in visible else next(spare)) for byte in range(256))


def split_words(text: str) -> list[str]:
    """Cut ``text`` into the words within which merges happen."""
    return [match.group() for match in _WORD.finditer(text)]


def spell(text: str) -> str:
    """Write ``text``'s UTF-8 bytes in the byte alphabet."""
    return spell_bytes(text.encode())


def spell_bytes(data: bytes) -> str:
    """Write ``data`` in the byte alphabet."""
    return "".join(byte_alphabet()[byte] for byte in data)


@dataclass
class Tokenizer:
    """Tokens, their kinds and the merges, in the order of their ids and ranks."""

    tokens: list[str] = field(default_factory=lambda: list(byte_alphabet()))
    merges: list[Pair] = field(default_factory=list)

    def learn(self, text: str, merges: int) -> None:
        """Add the ``merges`` most frequent pairs of ``text``, one after another."""
        words = {tuple(spell(word)): n for word, n in Counter(split_words(text)).items()}
        for _ in range(merges):
            pairs: Counter[Pair] = Counter()
            for symbols, count in words.items():
                for pair in itertools.pairwise(symbols):
                    pairs[pair] += count
            if not pairs:
                return
            # Ties are broken by the pair itself, so that every build gives the same file.
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            self._add_merge(best)
            words = {tuple(_merge(symbols, best)): n for symbols, n in words.items()}

    def add_word(self, word: str) -> str:
        """Make sure that ``word``, one of ``split_words``, is a single token; return that."""
        symbols = self._apply_merges(spell(word))
        while len(symbols) > 1:
            self._add_merge((symbols[0], symbols[1]))
            symbols = _merge(symbols, (symbols[0], symbols[1]))
        return symbols[0]

    def add_token(self, token: str) -> str:
        """Add a token that no merge leads to: it can be generated, never read."""
        if token not in self.tokens:
            self.tokens.append(token)
        return token

    def encode(self, text: str) -> list[str]:
        """Return the tokens of ``text``, special tokens not looked for."""
        return [token for word in split_words(text) for token in self._apply_merges(spell(word))]

    def _add_merge(self, pair: Pair) -> None:
        self.merges.append(pair)
        self.add_token("".join(pair))

    def _apply_merges(self, spelled: str) -> list[str]:
        ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        symbols = list(spelled)
        while True:
            pairs = [pair for pair in itertools.pairwise(symbols) if pair in ranks]
            if not pairs:
                return symbols
            symbols = _merge(symbols, min(pairs, key=ranks.__getitem__))


def _merge(symbols: Iterable[str], pair: Pair) -> list[str]:
    merged: list[str] = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged
