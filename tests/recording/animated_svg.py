"""Frames of a terminal as one animated SVG: a film strip that CSS moves, without any script."""

from collections.abc import Sequence
from html import escape

from tests.recording.frames import Frame, Row, Run

_CELL_W, _CELL_H, _BASELINE = 8.4, 18, 13.5
_PAD = 12
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LAST_S = 5.0
"""For so long the last picture stays before it all begins anew."""


def animated_svg(frames: Sequence[Frame], columns: int, background: str, title: str) -> str:
    """Return a picture that plays ``frames`` for ever; where motion is unwanted, the fullest.

    A row is drawn once for all frames that have it.
    """
    rows = len(frames[0].rows)
    width, height = columns * _CELL_W, rows * _CELL_H
    strip = _Strip(background)
    for number, frame in enumerate(frames):
        strip.add(frame.rows, number * height)
    whole_s = sum(frame.shown_s for frame in frames[:-1]) + LAST_S
    steps, at_s = [], 0.0
    for number, frame in enumerate(frames):
        steps.append(f"{100 * at_s / whole_s:.3f}%{{transform:translateY(-{number * height}px)}}")
        at_s += frame.shown_s
    still = max(range(len(frames)), key=lambda number: _characters(frames[number]))
    outer_w, outer_h = width + 2 * _PAD, height + 2 * _PAD
    style = (
        f"text{{font:14px {_FONT};white-space:pre}}",
        ".b{font-weight:bold}.i{font-style:italic}.u{text-decoration:underline}",
        *strip.colors,
        f".film{{animation:film {whole_s:.2f}s step-end infinite}}",
        f"@keyframes film{{{''.join(steps)}}}",
        "@media (prefers-reduced-motion:reduce)",
        f"{{.film{{animation:none;transform:translateY(-{still * height}px)}}}}",
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outer_w:g} {outer_h:g}"',
        f' width="{outer_w:g}" height="{outer_h:g}" role="img">',
        f"<title>{escape(title)}</title>",
        *("<style>", *style, "</style>"),
        f'<rect width="100%" height="100%" rx="8" fill="#{background}"/>',
        *("<defs>", *strip.drawn, "</defs>"),
        f'<svg x="{_PAD}" y="{_PAD}" width="{width:g}" height="{height}"><g class="film">',
        *strip.frames,
        "</g></svg></svg>\n",
    )
    return "\n".join(picture)


def _characters(frame: Frame) -> int:
    return sum(len(run.text.strip()) for row in frame.rows for run in row)


class _Strip:
    """Rows that are drawn once, and the frames that use them."""

    def __init__(self, background: str) -> None:
        self._background = background
        self._names: dict[Row, str] = {}
        self._classes: dict[str, str] = {}
        self.drawn: list[str] = []
        self.frames: list[str] = []

    @property
    def colors(self) -> list[str]:
        return [f".{name}{{fill:#{color}}}" for color, name in self._classes.items()]

    def add(self, rows: Sequence[Row], top: int) -> None:
        uses = []
        for number, row in enumerate(rows):
            if name := self._name(row):
                uses.append(f'<use href="#{name}" y="{top + number * _CELL_H}"/>')
        self.frames.append("".join(uses))

    def _name(self, row: Row) -> str:
        if row not in self._names:
            drawing = "".join(map(self._behind, row)) + "".join(map(self._text, row))
            self._names[row] = f"r{len(self._names)}" if drawing else ""
            if drawing:
                self.drawn.append(f'<g id="{self._names[row]}">{drawing}</g>')
        return self._names[row]

    def _behind(self, run: Run) -> str:
        if run.background == self._background:
            return ""
        x, width = run.column * _CELL_W, len(run.text) * _CELL_W
        fill = self._class(run.background)
        return f'<rect class="{fill}" x="{x:g}" width="{width:g}" height="{_CELL_H}"/>'

    def _text(self, run: Run) -> str:
        text = run.text.rstrip()
        before = len(text) - len(text.lstrip())
        text = text.lstrip()
        if not text:
            return ""
        marks = {"b": run.is_bold, "i": run.is_italic, "u": run.is_underlined}
        names = " ".join(
            [self._class(run.color), *(each for each, is_on in marks.items() if is_on)]
        )
        x, width = (run.column + before) * _CELL_W, len(text) * _CELL_W
        fit = f' textLength="{width:g}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 else ""
        drawn = escape(text, quote=False)
        return f'<text class="{names}" x="{x:g}" y="{_BASELINE}"{fit}>{drawn}</text>'

    def _class(self, color: str) -> str:
        return self._classes.setdefault(color, f"c{len(self._classes)}")
