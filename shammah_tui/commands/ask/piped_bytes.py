"""What bytes say that were piped in or given as an argument, whatever their encoding."""

import codecs
import os
import re
import unicodedata

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.wording import commands as words

_MARKS = (
    # The longer first: one begins with another.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "something compressed"),
    (b"\xfd7zXZ", "something compressed"),
    (b"\x28\xb5\x2f\xfd", "something compressed"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"GGUF", "a model"),
)
_CONTROLS = rb"[\x00-\x06\x0b\x0e-\x1a\x1c-\x1f\x7f]"
"""What no encoding of text has but for UTF-16 and UTF-32; terminals' own are left out."""
_WESTERN = r"[\x00-\x7fÀ-ÖØ-öø-ÿŠšŽžŒœŸ“”„‘’‚–—…€£§©®°·«»¡¿\xa0]*"
_FEW_ACCENTS = 0.3
"""Of the bytes: in a text with fewer letters beyond ASCII it is a western one; others have more."""
_MIXED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class NotTextError(ShammahError):
    """The bytes are no text."""


def text_of(data: bytes) -> str:
    """Return the text in ``data``: Unicode of any kind, else what an older encoding makes of it.

    Raises:
        NotTextError: It is none.
    """
    for beginning, kind in _KINDS:
        if data.startswith(beginning):
            raise NotTextError(words.piped_is(kind))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            # A text that was cut (``head -c``) may end in the middle of a letter.
            text = data.decode(encoding, errors="replace").removesuffix("\ufffd")
            if "\0" in text or "\ufffd" in text:
                raise NotTextError(words.PIPED_NO_TEXT)
            return text
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" not in data:
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            whole = data[: error.start]
            if error.reason == "unexpected end of data" and not whole.isascii():
                return whole.decode()
    if re.search(_CONTROLS, data):
        return _wide(data)
    return _older(data)


def argument_text(argument: str) -> str:
    """Return an argument as it was written, also where the locale says that all is ASCII.

    Raises:
        NotTextError: It is no text.
    """
    if argument.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in argument):
        return argument
    return text_of(os.fsencode(argument))


def _wide(data: bytes) -> str:
    """Return what is written in two or four bytes a letter, without a mark that says so."""
    for encoding, width in (("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)):
        try:
            text = data[: len(data) // width * width].decode(encoding)
        except UnicodeDecodeError:
            continue
        # Everything is a letter to some alphabet: lines and words of the usual kind tell.
        if any(each in text for each in " \n") and _is_plausible(text):
            return text
    raise NotTextError(words.PIPED_NO_TEXT)


def _is_plausible(text: str) -> bool:
    seen = set(text) - set("\t\n\r\f\x1b")
    if any(unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs"} for letter in seen):
        return False
    # One that is read with its bytes the wrong way round uses a hundred scripts.
    return len({_script(ord(letter)) for letter in seen}) <= max(4, len(seen) // 8)


def _script(code: int) -> int:
    """Return a number for the script of a letter: its page; Chinese and Korean have one each."""
    if 0x4E00 <= code < 0xA000:
        return 0x4E
    return 0xAC if 0xAC00 <= code < 0xD7B0 else code >> 8


def _older(data: bytes) -> str:
    """Return what is in no Unicode: UTF-8 with strays, or an encoding told by its letters."""
    whole = sum(map(len, _MIXED.findall(data)))
    strays = len(re.findall(rb"[\x80-\xff]", data)) - whole
    if whole > 2 * strays:
        return data.decode("utf-8", errors="shammah-cp1252")
    western = data.decode("cp1252", errors="replace")
    is_western = re.fullmatch(_WESTERN, western) is not None
    if is_western and strays < _FEW_ACCENTS * len(data):
        return western
    # Deferred: 30 ms, and few pipes need it.
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is not None:
        return str(best)
    if is_western:
        return western
    raise NotTextError(words.UNKNOWN_ENCODING)


def _stray(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="replace"), error.end


codecs.register_error("shammah-cp1252", _stray)
