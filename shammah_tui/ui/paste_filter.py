"""What is pasted, on its way from the terminal to Textual's parser."""

BEGIN, END = "\x1b[200~", "\x1b[201~"
_MARK = len(BEGIN)


def _without_controls(text: str) -> str:
    # Deferred: 1 ms before the first frame, and few paste so early.
    from shammah_tui.core.plain_text import plain_lines

    return plain_lines(text)


class PasteFilter:
    """Takes control characters out of bracketed pastes; keys and reports pass as they are.

    Textual's parser takes what follows an escape character inside a paste for keys: a text copied
    from a log with colours would arrive out of order, and one made for it could press Enter or
    Ctrl+Q. Terminals differ in what of that they let through.
    """

    def __init__(self) -> None:
        self._passed = ""
        self._held: str | None = None

    def feed(self, text: str) -> str:
        """Return what the parser may have of ``text``; the end of a paste may come later."""
        passed: list[str] = []
        while text:
            piece, text = self._leave(text) if self._held is not None else self._enter(text)
            passed.append(piece)
        return "".join(passed)

    def _enter(self, text: str) -> tuple[str, str]:
        # The mark may have been torn apart between two reads; a beginning that was passed on, an
        # escape key perhaps, could not wait.
        seen = self._passed + text
        at = seen.find(BEGIN)
        if at < 0:
            self._passed = seen[1 - _MARK :]
            return text, ""
        self._passed, self._held = "", ""
        after = at + _MARK - len(seen) + len(text)
        return text[:after], text[after:]

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
