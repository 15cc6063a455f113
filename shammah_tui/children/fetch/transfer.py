"""One job: the list, the commit, the space, then part after part."""

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from filelock import Timeout

from shammah_tui.children.fetch.blob_lock import kernel_lock
from shammah_tui.children.fetch.cache_folder import CacheFolder, check_space, is_on, refusal_of
from shammah_tui.children.fetch.crew import TokenBucket
from shammah_tui.children.fetch.faults import (
    ChangedUpstreamError,
    LastingError,
    PassingError,
    Patience,
    Retries,
)
from shammah_tui.children.fetch.hub import Hub, Listing, RemoteFile
from shammah_tui.children.fetch.part import PartTransfer, Pauses, Reporter
from shammah_tui.children.fetch.token import Token, find_token
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_names import DEFAULT_REVISION, is_commit, is_etag
from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchJob,
    FetchProblem,
    Offered,
    Resolved,
)
from shammah_tui.web_client import WebAccess

log = logging.getLogger(__name__)

Value = TypeVar("Value")

_MOST_CHANGES = 3


class Transfer:
    """Carries one job out; raises ``LastingError`` where it cannot be done as it is written."""

    def __init__(
        self,
        job: FetchJob,
        patience: Patience,
        reporter: Reporter,
        retry_now: threading.Event,
        environment: Mapping[str, str],
    ) -> None:
        self._job = job
        self._patience = patience
        self._reporter = reporter
        self._cache_dir = Path(job.cache_dir)
        self._environment = environment
        try:
            self._folder = CacheFolder(self._cache_dir, job.repo, environment)
            self._check_names()
        except InvalidModelError as error:
            raise LastingError(FetchProblem.INVALID, str(error)) from error
        # Side by side, since each takes 50 to 80 ms, most of it in the disk or outside of Python.
        tokens: list[Token] = []
        lookup = threading.Thread(target=lambda: tokens.append(find_token()), name="token")
        lookup.start()
        client = WebAccess().client(follow_redirects=False, headers={"User-Agent": "shammah-tui"})
        lookup.join()
        self._hub = Hub(client, job.endpoint, job.repo, tokens[0], patience)
        self._retries = Retries(patience, self._hub.host)
        self._pauses = Pauses(self._retries, reporter, retry_now)
        limit = job.limit_bytes_per_s
        self._parts = PartTransfer(
            self._hub,
            patience,
            self._retries,
            reporter,
            self._pauses,
            None if limit is None else TokenBucket(limit),
        )
        self._offline = is_on(environment, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")

    def run(self) -> Fetched:
        try:
            self._report_kept()
            fetched = self._cached()
            return fetched or self._fetch()
        except OSError as error:
            missing = self._reporter.total_bytes - self._reporter.done_bytes
            raise refusal_of(error, self._cache_dir, missing) from error

    def _check_names(self) -> None:
        for file in self._job.files:
            self._folder.pointer("0" * 40, file.name)
        if self._job.revision is not None and not is_commit(self._job.revision):
            self._folder.pointer("0" * 40, self._job.revision)

    def _report_kept(self) -> None:
        wanted = {file.name for file in self._job.files}
        kept = sum(
            partial.kept_bytes
            for partial in self._folder.partials()
            if not wanted or partial.header.file in wanted
        )
        self._reporter.begin([kept], [sum(file.size_bytes or 0 for file in self._job.files)])

    def _cached(self) -> Fetched | None:
        """Return the result when a pinned commit's files are all here: no network is needed."""
        revision, files = self._job.revision, self._job.files
        if revision is None or not is_commit(revision) or not files:
            return None
        if not all(self._folder.has(revision, file.name, file.size_bytes) for file in files):
            return None
        paths = (str(self._folder.pointer(revision, file.name)) for file in files)
        return Fetched(tuple(paths))

    def _fetch(self) -> Fetched:
        if self._offline:
            raise LastingError(
                FetchProblem.OFFLINE, "HF_HUB_OFFLINE forbids downloads: unset it, then try again."
            )
        for _ in range(_MOST_CHANGES):
            try:
                return self._fetch_revision()
            except ChangedUpstreamError:
                if self._job.revision is not None and is_commit(self._job.revision):
                    break
        raise self._changed()

    def _fetch_revision(self) -> Fetched:
        revision = self._job.revision or DEFAULT_REVISION
        files = self._resolve(revision)
        weights = tuple(WeightsFile(file.name, file.size_bytes, file.etag) for file in files)
        self._folder = CacheFolder(self._cache_dir, self._hub.repo, self._environment)
        self._reporter.emit(Resolved(weights, self._hub.repo))
        try:
            return self._bring(revision, files)
        except OSError:
            # A cache that cannot be written, but has everything, will do.
            if (here := self._whole(files)) is None:
                raise
            log.warning("The cache cannot be written, and has what is needed", exc_info=True)
            return Fetched(tuple(map(str, here)))

    def _bring(self, revision: str, files: list[RemoteFile]) -> Fetched:
        self._folder.prepare()
        if not is_commit(revision):
            self._drop_superseded(files)
        kept = {each.header.etag: each.kept_bytes for each in self._folder.partials()}
        done = [self._size_here(file) or kept.get(file.etag, 0) for file in files]
        self._reporter.begin(done, [file.size_bytes for file in files])
        check_space(self._folder.root, self._reporter.total_bytes - self._reporter.done_bytes)
        paths = []
        for number, file in enumerate(files):
            paths.append(self._parts.run(self._folder, number, file, signed_now=number == 0))
        self._folder.write_ref(revision, files[0].commit)
        return Fetched(tuple(map(str, paths)))

    def _resolve(self, revision: str) -> list[RemoteFile]:
        names = [file.name for file in self._job.files]
        if not names:
            listing = self._list(revision)
            names, revision = self._pick(listing), listing.commit
        elif any(is_etag(name) for name in names):
            names = [self._named_by_digest(name, revision) for name in names]
        files: list[RemoteFile] = []
        for name in names:
            # All parts from the commit that the first one gave, should main move meanwhile.
            at = files[0].commit if files else revision
            files.append(self._patiently(partial(self._resolve_one, name, at)))
        for wanted, found in zip(self._job.files, files, strict=False):
            other = wanted.sha256 not in (None, found.etag)
            other = other or wanted.size_bytes not in (None, found.size_bytes)
            if other and self._job.revision is not None:
                raise self._changed()
        return files

    def _resolve_one(self, name: str, revision: str) -> RemoteFile:
        try:
            return self._hub.resolve(name, revision, self._retries.connect_s())
        except LastingError as refusal:
            if refusal.problem is not FetchProblem.NOT_FOUND:
                raise
            alike = [
                file.name
                for file in self._listed_or_none(revision)
                if file.name.lower() == name.lower() != file.name
            ]
            if not alike:
                raise
        return self._hub.resolve(alike[0], revision, self._retries.connect_s())

    def _listed_or_none(self, revision: str) -> tuple[WeightsFile, ...]:
        try:
            return self._hub.list_files(revision, self._retries.connect_s()).files
        except LastingError:
            return ()

    def _list(self, revision: str) -> Listing:
        return self._patiently(lambda: self._hub.list_files(revision, self._retries.connect_s()))

    def _pick(self, listing: Listing) -> list[str]:
        """Return the names of the files that the job means."""
        # 10 ms to import, needed only when the file is not named.
        from shammah_tui.core.model.quant_choice import ChoiceNeededError, pick_files

        known = {file.name: file for file in listing.files}
        at = f"@{self._job.revision}" if self._job.revision else ""
        try:
            repo = self._hub.repo + at
            return list(pick_files(known, self._job.quant, repo, asks=self._job.asks))
        except ChoiceNeededError as error:
            choices = tuple(
                Offered(name, tuple(known[part] for part in parts)) for name, parts in error.choices
            )
            raise LastingError(FetchProblem.SEVERAL, str(error), choices=choices) from error
        except InvalidModelError as error:
            raise LastingError(FetchProblem.NOT_FOUND, str(error)) from error

    def _named_by_digest(self, name: str, revision: str) -> str:
        """Return the name of the file with this digest: all that a lost record leaves to know."""
        if not is_etag(name):
            return name
        found = [file.name for file in self._list(revision).files if file.sha256 == name]
        if not found:
            raise LastingError(
                FetchProblem.NOT_FOUND,
                f"{self._job.repo} no longer has the file of this partial download: delete it.",
            )
        return found[0]

    def _whole(self, files: list[RemoteFile]) -> list[Path] | None:
        """Return the files where they are all here already, of whatever commit."""
        paths = []
        for file in files:
            if self._folder.has(file.commit, file.name, file.size_bytes):
                paths.append(self._folder.pointer(file.commit, file.name))
            elif (path := self._folder.elsewhere(file.etag, file.name)) is not None:
                paths.append(path)
            else:
                return None
        return paths

    def _patiently(self, ask: Callable[[], Value]) -> Value:
        while True:
            try:
                answer = ask()
            except PassingError as error:
                self._pauses.after(error)
            else:
                self._retries.note_contact()
                return answer

    def _size_here(self, file: RemoteFile) -> int:
        if self._folder.has(file.commit, file.name, file.size_bytes):
            return file.size_bytes
        try:
            size = self._folder.blob(file.etag).stat().st_size
        except OSError:
            return 0
        return size if size == file.size_bytes else 0

    def _drop_superseded(self, files: list[RemoteFile]) -> None:
        """Delete partial files of these names that the Hub has replaced by others meanwhile."""
        etags = {file.name: file.etag for file in files}
        for header in (each.header for each in self._folder.partials()):
            if etags.get(header.file, header.etag) == header.etag:
                continue
            try:
                with kernel_lock(self._folder.lock(header.etag)).acquire(timeout=0):
                    self._folder.drop_partial(header.etag)
            except (Timeout, NotImplementedError, OSError):
                continue

    def _changed(self) -> LastingError:
        return LastingError(
            FetchProblem.CHANGED,
            f"{self._job.repo} has changed and no longer matches what this program knows: choose "
            "another model, or update the program.",
        )
