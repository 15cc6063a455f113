"""``shammah models pull``: a fetch from beginning to end, without the screen."""

import time
from dataclasses import replace
from queue import SimpleQueue

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.models.inventory import Inventory
from shammah_tui.commands.models.progress_line import ProgressLine
from shammah_tui.core.local.generator import Downloading
from shammah_tui.core.model.model_ref import with_found_files
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.fetch_messages import (
    Checked,
    Fetched,
    FetchEvent,
    FetchFailed,
    FetchProblem,
    Progressed,
    Resolved,
    Waiting,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_duration, format_size, format_sizes
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.status import StatusKeys, status_parts
from shammah_tui.ports import ChildExited, ModelSource

_NO_KEYS = StatusKeys()
"""No key is mentioned while a download is under way."""


def pull(inventory: Inventory, console: Console, what: str, *, offline: bool) -> ExitStatus:
    """Fetch the model that ``what`` names, unless it is here.

    Raises:
        InvalidModelError: It names none.
    """
    # What the list calls by its commit or its digest is found there.
    model = inventory.find(what).model if "@" in what else inventory.parse(what)
    source = inventory.source
    if (path := source.find(model)) is not None:
        size = format_size(source.kept_bytes(model))
        model = with_found_files(model, [path.name])
        console.tell(words.here_already(plain(model.label), size))
        return ExitStatus.DONE
    if model.local_path is not None:
        console.complain(notices.check_path(model.local_path))
        return ExitStatus.NOT_HERE
    if offline:
        console.complain(words.offline(model.label))
        return ExitStatus.NO_NETWORK
    return _Pull(source, console, what, model).run()


class _Pull:
    def __init__(self, source: ModelSource, console: Console, what: str, model: ModelSpec) -> None:
        self._source = source
        self._console = console
        self._what = what
        self._model = model
        kept, total = self._source.kept_bytes(model), model.size_bytes or 0
        progress = Progressed(min(kept, total), total, parts=max(1, len(model.files)))
        self._state = Downloading(model, progress)
        self._progress = ProgressLine(console.output, redraws=console.redraws)

    def run(self) -> ExitStatus:
        began_s = time.monotonic()
        # One that can be interrupted while it waits, as the thread that reads cannot.
        inbox: SimpleQueue[FetchEvent | ChildExited] = SimpleQueue()
        self._show()
        fetch = self._source.start_fetch(self._model, inbox.put)
        try:
            end = self._follow(inbox)
        except KeyboardInterrupt:
            fetch.stop()
            return self._interrupted()
        finally:
            fetch.stop()
            self._progress.clear()
        return self._over(end, time.monotonic() - began_s)

    def _follow(
        self, inbox: SimpleQueue[FetchEvent | ChildExited]
    ) -> Fetched | FetchFailed | ChildExited:
        while True:
            match inbox.get():
                case Fetched() | FetchFailed() | ChildExited() as end:
                    return end
                case Resolved(files, repo):
                    self._learn(files, repo)
                case Progressed() | Checked() | Waiting() as event:
                    self._state = self._state.after(event)
                    self._show()

    def _learn(self, files: tuple[WeightsFile, ...], repo: str) -> None:
        model = with_found_files(self._model, [file.name for file in files])
        if self._model.quant is None and not self._model.files:
            # Which file it is, before its bytes come.
            self._progress.clear()
            size = sum(file.size_bytes or 0 for file in files)
            name = plain(f"{repo or model.repo}/{files[0].name}")
            self._console.tell(f"{name} ({format_size(size)})")
        self._model = replace(model, files=files, repo=repo or model.repo)
        self._state = replace(self._state, model=self._model)

    def _show(self) -> None:
        parts = status_parts(self._state, _NO_KEYS, claude_available=False)
        self._progress.show(parts, self._state.fraction)

    def _over(self, end: Fetched | FetchFailed | ChildExited, elapsed_s: float) -> ExitStatus:
        match end:
            case Fetched():
                size = format_size(self._source.kept_bytes(self._model))
                took = format_duration(elapsed_s)
                self._console.tell(words.pulled(plain(self._model.label), size, took))
                return ExitStatus.DONE
            case FetchFailed():
                self._console.complain(end.sentence)
                return _status_of(end.problem)
            case ChildExited():
                self._console.complain(words.DOWNLOAD_ENDED)
                return ExitStatus.FAILED

    def _interrupted(self) -> ExitStatus:
        self._progress.clear()
        kept = self._source.kept_bytes(self._model)
        total = self._model.size_bytes or self._state.progress.total_bytes
        if not kept:
            self._console.complain(words.STOPPED_EMPTY)
        else:
            amount = format_sizes(kept, total, " of ") if total else format_size(kept)
            self._console.complain(words.stopped(amount, self._what))
        return ExitStatus.INTERRUPTED


def _status_of(problem: FetchProblem) -> ExitStatus:
    match problem:
        case FetchProblem.OFFLINE | FetchProblem.CAPTIVE_PORTAL | FetchProblem.GAVE_UP:
            return ExitStatus.NO_NETWORK
        case FetchProblem.NO_SPACE:
            return ExitStatus.NO_SPACE
        case FetchProblem.NOT_FOUND | FetchProblem.SEVERAL:
            return ExitStatus.NOT_HERE
        case _:
            return ExitStatus.FAILED
