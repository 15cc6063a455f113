"""The local side of a command: brought up from what is on this machine, and waited for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from shammah_tui.core.local.generator import (
    Failed,
    GeneratorState,
    Initializing,
    NotAvailable,
    Ready,
    Snapshot,
)
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.ports import EngineStarter, ModelSource
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.engines import ActiveModel
from shammah_tui.services.local.load_plan import LoadPlan

AGAIN_S = 0.1
"""A failure after which nothing is begun again for so long is the end."""

_LEFT_ALONE = Initializing()

MakeLoader = Callable[[Callable[[Snapshot], None]], BootstrapLoader]


@dataclass(frozen=True, slots=True)
class LocalParts:
    """What the local side is made of.

    Attributes:
        plan: What is asked of it.
        source: Where weights come from.
        starter: Makes engines.
    """

    plan: LoadPlan
    source: ModelSource
    starter: EngineStarter


def plan_with_what_is_here(
    plan: LoadPlan, source: ModelSource, *, is_named: bool
) -> LoadPlan | None:
    """Return ``plan`` without anything that would have to be fetched; None when nothing is left.

    Where the model that is wanted by the settings is not here, one that is takes its place; one
    that the command line names is that one or none.

    Args:
        plan: What is asked of the local side.
        source: Where weights lie.
        is_named: Whether the command line names the model.
    """
    wanted = plan.wanted
    if wanted is not None and (wanted.host is not None or source.find(wanted) is not None):
        return replace(plan, offline=True)
    if is_named:
        return None
    here = tuple(model for model in plan.offered if source.find(model) is not None)
    if not here:
        return None
    # By memory only the catalogue's models are chosen: of the user's own the first one is taken.
    ids = {model.id for model in CATALOGUE}
    is_clear = len(here) == 1 or not any(model.id in ids for model in here)
    return replace(plan, wanted=here[0] if is_clear else None, offered=here, offline=True)


class LocalStandby:
    """The local side while a command runs; a context manager that ends it.

    Args:
        make_loader: Makes the loader, given whom to tell of changes; None leaves the local side
            alone.
        absence: The state that is told of a local side that is left alone.
        on_change: Called on the loop with each new state.
    """

    def __init__(
        self,
        make_loader: MakeLoader | None,
        absence: GeneratorState = _LEFT_ALONE,
        on_change: Callable[[GeneratorState], None] = lambda _: None,
    ) -> None:
        self._make_loader = make_loader
        self._absence = absence
        self._on_change = on_change
        self._loader: BootstrapLoader | None = None
        self._changed = asyncio.Event()

    @property
    def state(self) -> GeneratorState:
        """The newest state."""
        return self._absence if self._loader is None else self._loader.snapshot.state

    @property
    def active(self) -> ActiveModel | None:
        """What can reply now."""
        return None if self._loader is None else self._loader.active

    async def __aenter__(self) -> Self:
        if self._make_loader is not None:
            loop = asyncio.get_running_loop()

            def tell(_: Snapshot) -> None:
                # The loop is closed when the program was interrupted twice.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._note)

            self._loader = self._make_loader(tell)
            self._loader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._loader is not None:
            await asyncio.to_thread(self._loader.close)

    async def settled(self, patience_s: float | None = None) -> None:
        """Wait until the local side can reply, or will not; or until the patience is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not await self._is_settled():
                    await self._changed.wait()

    async def _is_settled(self) -> bool:
        self._changed.clear()
        match self.state:
            case Ready() | NotAvailable():
                return True
            case Failed():
                # The loader may try again by itself, with another model or other settings.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), AGAIN_S)
                return not self._changed.is_set()
            case _:
                return self._loader is None

    def _note(self) -> None:
        self._changed.set()
        self._on_change(self.state)
