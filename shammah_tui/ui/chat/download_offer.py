"""What would be downloaded, said where it is asked: between the conversation and the composer."""

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from shammah_tui.core.wording.unanswered import OfferWords

ROOMY_ROWS = 20
"""Rows of a window from which on everything is said; below it, one line and the keys."""


class DownloadOffer(Static):
    """Who answers now, what would be downloaded, how to give a key, and the keys that answer."""

    DEFAULT_CSS = """
    DownloadOffer {
        height: auto;
        max-height: 50vh;
        margin: 0 2 1 2;
        color: $text-muted;
    }
    """

    def __init__(self, words: OfferWords) -> None:
        super().__init__(markup=False)
        self._words = words
        self._was_roomy = True

    def say(self, words: OfferWords) -> None:
        if words != self._words:
            self._words = words
            self._write()

    def on_mount(self) -> None:
        self._write()
        self.screen.screen_layout_refresh_signal.subscribe(self, self._fit)

    def _fit(self, _: Screen[object]) -> None:
        if self._is_roomy != self._was_roomy:
            self._write()

    @property
    def _is_roomy(self) -> bool:
        return self.app.size.height >= ROOMY_ROWS

    def _write(self) -> None:
        words, self._was_roomy = self._words, self._is_roomy
        lines = [Content(words.who)] if self._was_roomy else []
        what = words.what if self._was_roomy else words.short
        lines.append(Content.styled(what, "$foreground"))
        if self._was_roomy and words.key:
            lines.append(Content(words.key))
        lines.append(Content.styled(words.answers, "bold $foreground"))
        self.update(Content("\n").join(lines))
