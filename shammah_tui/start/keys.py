"""What is typed before Textual reads keys, as text in the composer."""

import codecs

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"
_REPORTS = ("\x1b[I", "\x1b[O", "\x1b[<", "\x1b[?")
"""Beginnings of what terminals send by themselves: focus, mouse, answers to questions."""


class EarlyText:
    """The composer's text, as far as it follows from what was typed.

    Printable characters, backspace, ctrl+j, a bracketed paste and Enter are understood. From any
    other key on the text stands still: what it does only Textual knows.

    Attributes:
        text: What stands in the composer.
        is_sent: Whether Enter has sent something.
        is_known: Whether everything so far was understood.
    """

    def __init__(self) -> None:
        self.text = ""
        self.is_sent = False
        self.is_known = True
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._has_reports = False
        self._rest = ""

    @property
    def is_text_alone(self) -> bool:
        """Whether whoever puts ``text`` into the composer has done all that the bytes ask for."""
        waits = self._rest or self._decoder.getstate()[0]
        return self.is_known and not self.is_sent and not waits and not self._has_reports

    def feed(self, data: bytes) -> None:
        """Take bytes as the terminal sends them, cut anywhere."""
        self._rest += self._decoder.decode(data)
        while self._rest and self.is_known:
            taken = self._escape() if self._rest[0] == "\x1b" else self._character()
            if not taken:
                return
            self._rest = self._rest[taken:]

    def _character(self) -> int:
        character = self._rest[0]
        if character == "\r":
            self._enter()
        elif character == "\n":
            self.text += "\n"
        elif character in "\x7f\x08":
            self._delete()
        elif character.isprintable():
            self.text += character
        else:
            self.is_known = False
        return 1

    def _delete(self) -> None:
        if self.text[-1:].isascii():
            self.text = self.text[:-1]
        else:
            # How much of it is one sign, the composer knows.
            self.is_known = False

    def _enter(self) -> None:
        backslashes = len(self.text) - len(self.text.rstrip("\\"))
        if backslashes % 2:
            self.text = f"{self.text[:-1]}\n"
        else:
            self._send()

    def _send(self) -> None:
        if self.text.lstrip().startswith("/"):
            self.is_known = False
        elif self.text.strip():
            self.text, self.is_sent = "", True

    def _escape(self) -> int:
        """Return how many characters were understood; 0 waits for more."""
        rest = self._rest
        if rest.startswith(_PASTE):
            end = rest.find(_PASTE_END)
            if end < 0:
                return 0
            self._paste(rest[len(_PASTE) : end])
            return end + len(_PASTE_END)
        if rest[1:2] in ("\r", "\n"):
            self.text += "\n"
            return 2
        if len(rest) > 1 and rest[1] != "[":
            self.is_known = False
            return 1
        final = next((i for i, each in enumerate(rest) if i > 1 and "@" <= each <= "~"), 0)
        if not final:
            return 0
        sequence = rest[: final + 1]
        if sequence.startswith(_REPORTS):
            self._has_reports = True
        else:
            self._kitty(sequence)
        return len(sequence)

    def _kitty(self, sequence: str) -> None:
        """Take a key as the kitty protocol tells it: code; modifiers; text, each optional."""
        code, _, more = sequence[2:-1].partition(";")
        modifiers, _, text = more.partition(";")
        typed = [part for part in text.split(":") if part.isdecimal()]
        if sequence[-1] != "u":
            self.is_known = False
        elif typed:
            self.text += "".join(chr(int(part)) for part in typed)
        elif code in ("13", "127") and modifiers in ("", "1"):
            if code == "13":
                self._enter()
            else:
                self._delete()
        elif (code, modifiers) in (("106", "5"), ("13", "2"), ("13", "3")):
            self.text += "\n"
        else:
            self.is_known = False

    def _paste(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        # What is folded, and how, the composer decides.
        if len(text) > 1000 or text.count("\n") > 9 or not text.replace("\n", "").isprintable():
            self.is_known = False
        else:
            self.text += text
