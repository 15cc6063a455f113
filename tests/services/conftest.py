from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.services.local.load_plan import LoadPlan
from tests.fakes import FixedProbe, NotedAnswer, NotedSwitches, ScriptedSource
from tests.services.bench import HERE, Bench, Make, model


@pytest.fixture
def make() -> Iterator[Make]:
    benches: list[Bench] = []

    def make(
        *here: str,
        wanted: str | ModelSpec | None = None,
        offline: bool = False,
        probe: FixedProbe | None = None,
        device: DevicePreference = DevicePreference.AUTO,
        switches: NotedSwitches | None = None,
        has_key: bool = True,
        records: Sequence[SpeedRecord] = (),
        answer: NotedAnswer | None = None,
        kept: dict[str, int] | None = None,
        catalogue: tuple[ModelSpec, ...] = CATALOGUE,
        **plan_fields: Any,
    ) -> Bench:
        spec = model(wanted) if isinstance(wanted, str) else wanted
        source = ScriptedSource(found=dict.fromkeys(here, HERE), kept=kept or {})
        plan = LoadPlan(spec, catalogue, offline=offline, device=device, **plan_fields)
        bench = Bench(plan, source, probe or FixedProbe(), switches, answer, has_key=has_key)
        bench.speeds.records.extend(records)
        benches.append(bench)
        bench.loader.start()
        return bench

    yield make
    for bench in benches:
        bench.loader.close()
