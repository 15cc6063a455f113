"""llama.cpp's log: written to stderr, and read for what nothing else tells.

The library reports the cause of a failed load, and where it has put each layer, only here.
"""

import sys
from collections import deque

import llama_cpp

from shammah_tui.engine.llama.layer_placement import LayerPlacement
from shammah_tui.engine.llama.quality import complaint_of

DEBUG, CONTINUED = 1, 5
"""``GGML_LOG_LEVEL_DEBUG`` and ``GGML_LOG_LEVEL_CONT`` of ggml.h."""
WARNING, ERROR = 3, 4

KEPT_COMPLAINTS = 40


class LlamaLog:
    """Catches llama.cpp's log from its creation on, for the rest of the process.

    Attributes:
        placement: Where it said that it put the layers.
        quality: Which complaints about the file's quality came, as ``quality.complaint_of`` counts.
    """

    def __init__(self) -> None:
        self._complaints: deque[str] = deque(maxlen=KEPT_COMPLAINTS)
        self.placement = LayerPlacement()
        self.quality: set[int] = set()
        self._shown = True
        # The library keeps a bare pointer, so the callback must live as long as this object.
        self._callback = llama_cpp.llama_log_callback(self._take)
        llama_cpp.llama_log_set(self._callback, None)

    @property
    def complaints(self) -> str:
        """The latest warnings and errors, in order."""
        return "".join(self._complaints)

    def take_complaints(self) -> str:
        """Return the warnings and errors since this was last called."""
        said = self.complaints
        self._complaints.clear()
        return said

    def _take(self, level: int, text: bytes, _data: object) -> None:
        line = text.decode(errors="replace")
        if level != CONTINUED:
            # Debug lines name every tensor; they are looked at and not written.
            self._shown = level != DEBUG
        if level in {WARNING, ERROR}:
            self._complaints.append(line)
            if (complaint := complaint_of(line)) is not None:
                self.quality.add(complaint)
        self.placement.observe(line)
        if self._shown:
            sys.stderr.write(line)
            sys.stderr.flush()
