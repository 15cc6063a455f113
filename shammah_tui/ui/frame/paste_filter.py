"""What is pasted, on its way from the terminal to Textual's parser."""

import re
from collections.abc import Callable
from time import monotonic

BEGIN, END = "\x1b[200~", "\x1b[201~"
_MARK = len(BEGIN)

QUIET_S = 0.05
"""A paste without brackets is over when nothing came for so long. Nobody types letter, Enter and
letter in that time; a busy machine takes as long between two pieces of a paste."""
AFTER_PASTE_S = 0.2
"""Enter that soon after such a paste belongs to it."""
MOST_TYPED = 1_000
"""More characters in one piece are a paste, though they have no line end: 1 ms each as keys."""

_ALT_ENTER = "\x1b[13;3u"
"""Alt+Enter as the kitty protocol has it; Textual drops the Alt of the older ``ESC CR``."""
_PLAIN = "[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*"
"""Compiled when something else than letters comes."""
_LINE_ENDS = "\r\n"
_MORE_LINES = "[\r\n][^\x1b]*[^\x00-\x1f\x7f]"
_CONTROL_WITHIN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f](?=[\s\S]*[^\x00-\x1f\x7f])"


def _without_controls(text: str) -> str:
    # Deferred: 1 ms before the first frame, and few paste so early.
    from shammah_tui.core.text.plain_text import plain_lines

    return plain_lines(text)


class PasteFilter:
    """Takes control characters out of pastes, and puts those in brackets that come without.

    Textual's parser takes what follows an escape character inside a paste for keys: a text copied
    from a log with colours would arrive out of order, and one made for it could press Enter or
    Ctrl+Q. Terminals differ in what of that they let through.

    Where a terminal knows no brackets, a paste comes as if it were typed, and its first line end
    would send what stands there. What comes in one burst with text after a line end is no typing:
    it is passed on as a paste when the burst is over, which ``flush`` says. A single line with
    Enter at its end may be typed; its Enter waits for ``QUIET_S`` to see what follows.

    Attributes:
        is_early: Whether all line ends are Enter: before there is anything to paste into.
        is_young: Whether one Enter in a burst is Enter: the burst may be what was typed while the
            program began, and the keyboard's buffer, not a paste.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._passed = ""
        self._held: str | None = None
        self._burst = ""
        self._line_end = ""
        self._typed_at = self._pasted_at = -AFTER_PASTE_S
        self.is_early = self.is_young = False

    @property
    def waits(self) -> bool:
        """Whether something is held until ``flush``, or until more comes."""
        return bool(self._burst or self._line_end)

    def feed(self, text: str) -> str:
        """Return what the parser may have of ``text``; the end of a paste may come later."""
        passed: list[str] = []
        while text:
            piece, text = self._leave(text) if self._held is not None else self._enter(text)
            passed.append(piece)
        return "".join(passed)

    def flush(self) -> str:
        """Return what was held: nothing came for ``QUIET_S``, or something that is no text."""
        burst, line_end = self._burst, self._line_end
        self._burst = self._line_end = ""
        if not burst or (self.is_young and burst.count("\r") == 1):
            return burst + line_end
        self._pasted_at = self._clock()
        return _bracketed(burst)

    def _enter(self, text: str) -> tuple[str, str]:
        # The mark may have been torn apart between two reads; a beginning that was passed on, an
        # escape key perhaps, could not wait.
        seen = self._passed + text
        at = seen.find(BEGIN)
        if at < 0:
            self._passed = seen[1 - _MARK :]
            return self._keys(text), ""
        self._passed, self._held = "", ""
        after = at + _MARK - len(seen) + len(text)
        begin = max(0, after - _MARK)
        return self._keys(text[:begin]) + self.flush() + text[begin:after], text[after:]

    def _leave(self, text: str) -> tuple[str, str]:
        held, self._held = (self._held or "") + text, None
        at = held.find(END)
        if at >= 0:
            return _without_controls(held[:at]) + END, held[at + _MARK :]
        # What may be the beginning of the mark, or the first half of a line's end, waits.
        known = (n for n in range(_MARK - 1, 0, -1) if held.endswith(END[:n]))
        cut = len(held) - next(known, int(held.endswith("\r")))
        self._held = held[cut:]
        return _without_controls(held[:cut]), ""

    def _keys(self, text: str) -> str:
        """Return what the parser may have of what is in no brackets."""
        if "\x1b" in text:
            text = text.replace("\x1b\r", _ALT_ENTER).replace("\x1b\n", _ALT_ENTER)
        if self.is_early or not text:
            return text
        is_odd = not text.isprintable() and "\x1b" not in text
        if is_odd and (self._burst or re.search(_MORE_LINES, text)):
            # Of a paste: none of it is a key, but what comes last may be one.
            text = re.sub(_CONTROL_WITHIN, "", text)
        match = None if text.isprintable() else re.match(_PLAIN, text)
        plain = text if match is None else match[0]
        passed = self._typed(plain) if plain else ""
        rest = text[len(plain) :]
        return passed + self.flush() + rest if rest else passed

    def _typed(self, text: str) -> str:
        """Return what the parser may have of letters and line ends that came in one piece."""
        now = self._clock()
        is_burst = bool(self._line_end) or now - self._typed_at < QUIET_S
        text, self._line_end = self._line_end + text, ""
        line = text.rstrip(_LINE_ENDS)
        ends = text[len(line) :]
        if line or is_burst:
            self._typed_at = now
        if self._burst or now - self._pasted_at < AFTER_PASTE_S:
            self._burst += text
            return ""
        begins_anew = line[:1] in ("\r", "\n") and (is_burst or bool(ends))
        has_lines = any(end in line.lstrip(_LINE_ENDS) for end in _LINE_ENDS)
        # No key has both characters.
        has_blank_lines = (bool(line) or is_burst) and len(ends) > 1
        if begins_anew or has_lines or has_blank_lines or len(line) > MOST_TYPED:
            self._burst = text
            return ""
        if ends and (line or is_burst):
            self._line_end = ends
            return line
        return text


def _bracketed(text: str) -> str:
    return f"{BEGIN}{_without_controls(text)}{END}"
