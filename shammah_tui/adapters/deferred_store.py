"""A store that is opened when it is first used."""

from collections.abc import Callable
from functools import cached_property
from typing import cast

from shammah_tui.ports import ConversationStore


class _Deferred:
    def __init__(self, make: Callable[[], ConversationStore]) -> None:
        self._make = make

    @cached_property
    def _store(self) -> ConversationStore:
        return self._make()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def deferred_store(make: Callable[[], ConversationStore]) -> ConversationStore:
    """Return a store that ``make`` makes when something is asked of it for the first time.

    The first frame then does not wait for ``sqlite3`` and what stands on it (8 ms to import).
    """
    return cast(ConversationStore, _Deferred(make))
