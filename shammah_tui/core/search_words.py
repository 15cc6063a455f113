"""The words of a text, as the search knows them: the same for what is kept and what is asked.

SQLite's own tokenizers take a run of Chinese or Thai for one word and split Hindi inside words; so
texts are cut here, and the index is given the words with a space between.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0981-\u0983"
    "\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57"
    "\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03"
    "\u0d3b-\u0d4d\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u3099\u309a"
)
"""Marks that belong to the letter before them, and joiners; ``\\w`` leaves them out."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u3096\u309d-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003fffd"
)
"""Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, kana and Han."""
_WORD = (
    rf"[{_UNSPACED}][{_MARKS}\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*"
    rf"|(?:(?![{_UNSPACED}])[^\W_])(?:(?![{_UNSPACED}])(?:[^\W_]|[{_MARKS}]))*"
)
"""Compiled on first use, as the next one: that takes 4 ms, and no first frame needs them."""
_UNSPACED_LETTER = f"[{_UNSPACED}]"
_ASCII_WORD = re.compile("[a-z0-9]+")


class Word(NamedTuple):
    """One word; a tuple, since there are many and a dataclass takes four times as long to make.

    Attributes:
        text: Without case, accents or compatibility forms.
        start: Where it begins in the text, in characters.
        end: Where it is over.
    """

    text: str
    start: int
    end: int


def words_of(text: str) -> Iterator[Word]:
    """Return the words in order; a letter of an unspaced script is a word of its own."""
    if text.isascii():
        for match in _ASCII_WORD.finditer(text.lower()):
            yield Word(match[0], match.start(), match.end())
        return
    for match in re.finditer(_WORD, text):
        word = _folded(match[0])
        if word:
            yield Word(word, match.start(), match.end())


def search_text(text: str) -> str:
    """Return what the index is given for a text: its words with a space between."""
    if text.isascii():
        return " ".join(_ASCII_WORD.findall(text.lower()))
    return " ".join(word.text for word in words_of(text))


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    # Accents are left out, but what tells ga from ka is none.
    form: Literal["NFKC", "NFKD"] = "NFKC" if re.match(_UNSPACED_LETTER, word) else "NFKD"
    normal = unicodedata.normalize(form, word.casefold())
    # A compatibility form may have spaces or points in it.
    return "".join(each for each in normal if each.isalnum()).casefold()
