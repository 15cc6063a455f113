"""A model that does not fit beside the present one: that one goes first, then there is room."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.local.generator import Loading, NotAvailable, Ready
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.ports import ReplyOptions
from tests.fakes import GIB, MACHINE, FixedProbe, ScriptedEngine
from tests.services.bench import BIG, SMALL, Bench, Make, model

ASK = (Message(Role.USER, "hi"),)


@dataclass
class Occupied(FixedProbe):
    """A machine of 16 GiB on which an engine takes 9 GiB of the 12 that are free without it."""

    engines: list[ScriptedEngine] = field(default_factory=list)

    def probe(self) -> Hardware:
        taken = 9 * sum(not engine.stopped for engine in self.engines)
        return replace(MACHINE, ram_free_bytes=(12 - taken) * GIB)


def loaded(make: Make) -> tuple[Bench, ScriptedEngine]:
    """Return a bench on which the big model is ready, and its engine."""
    probe = Occupied()
    bench = make(BIG, SMALL, wanted=BIG, probe=probe)
    probe.engines = bench.starter.engines
    return bench, bench.load()


def test_it_gets_the_memory_that_the_old_one_had(make: Make) -> None:
    bench, first = loaded(make)
    longest = first.job.context_length
    bench.loader.switch(model(SMALL))
    bench.until(lambda each: isinstance(each.state, Loading) and each.active is None)
    second = bench.load()
    assert first.stopped
    assert second.job.context_length == longest > 4096


async def test_it_waits_for_the_last_word_of_the_old_one(make: Make) -> None:
    bench, first = loaded(make)
    active = bench.loader.active
    assert active is not None
    async with active.lease, aclosing(active.engine.reply(ASK, ReplyOptions())) as events:
        await anext(events)
        bench.loader.switch(model(SMALL))
        await asyncio.to_thread(
            bench.until, lambda each: isinstance(each.state, Loading) and each.active is None
        )
        bench.settle()
        assert (len(bench.starter.engines), first.stopped) == (1, False)
        assert [event async for event in events]
    second = await asyncio.to_thread(bench.engine)
    assert first.stopped
    assert second is bench.starter.engines[1]


async def test_cancelled_meanwhile_it_does_not_come(make: Make) -> None:
    bench, first = loaded(make)
    active = bench.loader.active
    assert active is not None
    async with active.lease, aclosing(active.engine.reply(ASK, ReplyOptions())) as events:
        await anext(events)
        bench.loader.switch(model(SMALL))
        await asyncio.to_thread(bench.until, lambda each: isinstance(each.state, Loading))
        bench.loader.cancel()
        await asyncio.to_thread(bench.state, NotAvailable)
    bench.settle()
    assert first.stopped
    assert len(bench.starter.engines) == 1
    bench.loader.retry()
    await asyncio.to_thread(bench.load)
    assert isinstance(bench.loader.snapshot.state, Ready)
