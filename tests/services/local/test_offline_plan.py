"""Which local model a command takes, of those that are here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import FetchEvent
from shammah_tui.ports import ChildExited, Fetch
from shammah_tui.services.local.load_plan import LoadPlan, offline_plan

OWN, OTHER = (ModelSpec(name, name, local_path=f"/{name}.gguf") for name in ("own", "other"))
SMALL, BIG = CATALOGUE[-1], CATALOGUE[0]
SERVED = ModelSpec("served", "Served", host="gpu-box")


class OnDisk:
    """A source that has what it is told to have, and that nobody may fetch from."""

    def __init__(self, *here: ModelSpec) -> None:
        self._here = {model.id for model in here}

    folder = ""

    def find(self, model: ModelSpec) -> Path | None:
        return Path("/file") if model.id in self._here else None

    def kept_bytes(self, model: ModelSpec) -> int:
        raise AssertionError(model)

    def delete(self, model: ModelSpec) -> int:
        raise AssertionError(model)

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        raise AssertionError(model, on_event)


@pytest.mark.parametrize(
    ("wanted", "here", "takes", "offers"),
    [
        (BIG, (BIG, SMALL), BIG, (OWN, BIG, SMALL, OTHER)),
        (BIG, (SMALL, OWN), None, (OWN, SMALL)),
        (None, (SMALL, OWN), None, (OWN, SMALL)),
        (None, (OWN, OTHER), OWN, (OWN, OTHER)),
        (BIG, (SMALL,), SMALL, (SMALL,)),
        (SERVED, (), SERVED, (OWN, BIG, SMALL, OTHER)),
    ],
)
def test_what_is_here_is_taken(
    wanted: ModelSpec | None,
    here: tuple[ModelSpec, ...],
    takes: ModelSpec | None,
    offers: tuple[ModelSpec, ...],
) -> None:
    plan = LoadPlan(wanted, (OWN, BIG, SMALL, OTHER), context_length=512)
    found = offline_plan(plan, OnDisk(*here), is_named=False)
    assert found == LoadPlan(takes, offers, context_length=512, offline=True)


@pytest.mark.parametrize(("here", "is_named"), [((), False), ((), True), ((SMALL,), True)])
def test_nothing_is_fetched_and_nothing_takes_the_place_of_what_is_named(
    here: tuple[ModelSpec, ...], is_named: bool
) -> None:
    plan = LoadPlan(BIG, (BIG, SMALL))
    assert offline_plan(plan, OnDisk(*here), is_named=is_named) is None
