"""The bytecode that the start needs, in one file instead of 300.

Python looks each module up along its path, opens and reads its file in ``__pycache__``, and checks
it against the source: of some 110 ms that importing Textual takes, 10 go there. The file lies in
``__pycache__`` as well and is written by the first start that may; a module whose source has
changed since, by the same signs that Python goes by (time and size), is left to Python's own way.
"""

import marshal
import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

PATH = (
    f"{os.path.dirname(os.path.dirname(__file__))}/__pycache__/start.{sys.implementation.cache_tag}"
)
_KEY = f"{sys.version} {sys.flags.optimize}"

_LEFT_S = 60.0
"""What is half written for so long nobody writes any more."""

_Place = tuple[str, str | None, tuple[str, ...] | None]
"""Of one module: source, file in ``__pycache__``, search path of a package."""

_Entry = tuple[str, str | None, tuple[str, ...] | None, int, int, bytes]
"""Those, then the source's time in ns and its bytes, and its code as ``marshal`` has it."""


class StartFinder:
    """Finds modules in the one file, whose ``entries`` are by their names."""

    def __init__(self, entries: dict[str, _Entry]) -> None:
        self._entries = entries

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is; None where this file does not know it as it is now."""
        if not self.knows(name):
            return None
        source, cached, search, _, _, code = self._entries[name]
        loader = _Loader(name, source)
        loader.code = code
        spec = ModuleSpec(name, loader, origin=source, is_package=search is not None)
        spec.has_location = True
        spec.cached = cached
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations[:] = search or ()
        return spec

    def knows(self, name: str) -> bool:
        """Whether a module is in the file as it is now."""
        entry = self._entries.get(name)
        if entry is None:
            return False
        try:
            found = os.stat(entry[0])
        except OSError:
            return False
        return (found.st_mtime_ns, found.st_size) == entry[3:5]

    @property
    def places(self) -> dict[str, _Place]:
        """Of every module that is in the file as it is now."""
        return {name: entry[:3] for name, entry in self._entries.items() if self.knows(name)}


class _Loader(SourceFileLoader):
    code = b""

    def get_code(self, fullname: str) -> CodeType | None:
        try:
            found = marshal.loads(self.code)
        except (EOFError, ValueError, TypeError):
            found = None
        self.code = b""
        return found if isinstance(found, CodeType) else super().get_code(fullname)


def use_bytecode(path: str = PATH) -> None:
    """Have modules found in the one file from now on, if it is there and this Python's."""
    try:
        with open(path, "rb") as file:
            key, entries = marshal.loads(file.read())
        if key == _KEY:
            sys.meta_path.insert(0, StartFinder(entries))
    except (OSError, EOFError, ValueError, TypeError):
        return


def keep_bytecode(names: Iterable[str], path: str = PATH) -> None:
    """Write the file for the next start unless it has all of ``names``; may be ended at any time.

    Where Python would not write bytecode either, nothing is written, and nothing is said: the next
    start is slower by 10 ms.
    """
    finder = next((each for each in sys.meta_path if isinstance(each, StartFinder)), None)
    needed = {name: place for name in names if (place := _place_of(name)) is not None}
    is_whole = finder is not None and all(map(finder.knows, needed))
    if not (is_whole or sys.dont_write_bytecode or sys.pycache_prefix):
        # Those of other starts stay: with another theme, say, or with settings.
        known = {} if finder is None else finder.places
        with suppress(OSError, ImportError, SyntaxError, ValueError):
            _write(known | needed, path)
    if finder is not None:
        sys.meta_path.remove(finder)


def _place_of(name: str) -> _Place | None:
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    # As ``__main__`` a module goes by another name than its own.
    if spec is None or spec.name != name or not isinstance(spec.loader, SourceFileLoader):
        return None
    search = spec.submodule_search_locations
    return spec.loader.get_filename(name), spec.cached, None if search is None else tuple(search)


def _write(places: dict[str, _Place], path: str) -> None:
    entries: dict[str, _Entry] = {}
    for name, place in places.items():
        # Before it is read: what is written meanwhile is not taken for what was read then.
        found = os.stat(place[0])
        code = marshal.dumps(SourceFileLoader(name, place[0]).get_code(name))
        entries[name] = (*place, found.st_mtime_ns, found.st_size, code)
    _clear_away(path)
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            marshal.dump((_KEY, entries), file)
            file.flush()
            # Half of a file after a power failure would be taken for code.
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _clear_away(path: str) -> None:
    """Remove what was being written when somebody was killed."""
    folder, name = os.path.split(path)
    for each in os.listdir(folder):
        if each.startswith(f"{name}."):
            left = f"{folder}/{each}"
            if time.time() - os.stat(left).st_mtime > _LEFT_S:
                os.unlink(left)
