"""The source of weights: files on this machine, the Hub's cache, and the Hub."""

from collections.abc import Callable, Mapping
from pathlib import Path

from shammah_tui.adapters.engine.child_process import ChildProcess
from shammah_tui.adapters.hub.hub_cache import HubCache
from shammah_tui.adapters.hub.llama_cache import LlamaCache, llama_cache_dir
from shammah_tui.adapters.hub.other_programs import models_of_others
from shammah_tui.core.errors import InUseError
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.child_environment import fetch_environment
from shammah_tui.core.protocol.fetch_messages import (
    FETCH_EVENTS,
    FetchEvent,
    FetchJob,
)
from shammah_tui.core.wording import notices
from shammah_tui.ports import ChildExited, Fetch

_CHILD = "shammah_tui.children.fetch"


class HubSource:
    """A ``ModelSource`` for local files and for repositories on the Hub.

    Args:
        log_path: Where the fetch child's stderr goes.
        limit_bytes_per_s: Upper bound of the rate; None is unlimited.
        environment: That of this process; the fetch child sees of it what it needs.
    """

    def __init__(
        self,
        cache_dir: Path,
        endpoint: str,
        log_path: Path,
        limit_bytes_per_s: int | None,
        environment: Mapping[str, str],
        child_module: str = _CHILD,
    ) -> None:
        self.cache = HubCache(cache_dir)
        self.llama_cache = LlamaCache(llama_cache_dir(environment))
        self.cache_dir = cache_dir
        self._process_environment = environment
        self._endpoint = endpoint.rstrip("/")
        self._log_path = log_path
        self._limit_bytes_per_s = limit_bytes_per_s
        self._environment = fetch_environment(environment)
        self._child_module = child_module

    @property
    def folder(self) -> str:
        return str(self.cache_dir)

    def outside(self) -> dict[str, str]:
        """Return the models that other programs keep outside of the Hub's cache: path and name."""
        own = {str(path): path.stem for path in self.llama_cache.files()}
        return own | models_of_others(self._process_environment)

    def find(self, model: ModelSpec) -> Path | None:
        if model.local_path is not None:
            path = Path(model.local_path).expanduser()
            return path if path.is_file() else None
        paths = self.cache.find(model) or self.llama_cache.find(model)
        return paths[0] if paths else None

    def kept_bytes(self, model: ModelSpec) -> int:
        if model.local_path is not None:
            path = self.find(model)
            return path.stat().st_size if path is not None else 0
        kept = self.cache.kept_bytes(model)
        if not kept and (paths := self.llama_cache.find(model)):
            kept = sum(path.stat().st_size for path in paths)
        return kept

    def delete(self, model: ModelSpec) -> int:
        """Delete its files and partial files; return the bytes that were freed.

        A file that the user named by its path is theirs and stays.

        Raises:
            InUseError: Another program is fetching one of them.
            OSError: The cache cannot be written.
        """
        if model.local_path is not None:
            return 0
        freed = self.cache.delete(model)
        if not freed and (paths := self.llama_cache.find(model)):
            raise InUseError(notices.in_llama_cache(paths[0]))
        return freed

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        assert model.repo is not None, "a local file is not downloaded"
        child = ChildProcess(
            self._child_module, FETCH_EVENTS, on_event, self._log_path, self._environment
        )
        child.send(
            FetchJob(
                self._endpoint,
                model.repo,
                model.revision,
                model.files,
                model.quant,
                str(self.cache_dir),
                self._limit_bytes_per_s,
                model.asks,
            )
        )
        return child
