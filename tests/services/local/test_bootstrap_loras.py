"""Adapters on their way through the loader, what it remembers, and a second try with less."""

from dataclasses import replace

import pytest

from shammah_tui.core.local.generator import Failed, Loading, LoraState, NotAvailable, Ready
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.hardware import Gpu
from shammah_tui.core.model.model_spec import DevicePreference, FlashAttention, KvType, Lora
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    LoadFailed,
    LorasApplied,
    SpeedMeasured,
)
from shammah_tui.ports import ChildExited
from tests.fakes import GIB, LOADED, MACHINE, FixedProbe, NotedSwitches
from tests.services.bench import SMALL, Make, model

STYLE, TERSE = Lora("/loras/style.gguf"), Lora("/loras/terse.gguf", 0.5)
LORAS = (STYLE, TERSE)
TINY = "qwen3.5-2b"


def card(total_gib: float, ram_gib: int = 16) -> FixedProbe:
    gpu = Gpu("RTX", "CUDA", round(total_gib * GIB), round(total_gib * GIB))
    ram = ram_gib * GIB
    hardware = replace(MACHINE, ram_total_bytes=ram, ram_free_bytes=ram * 3 // 4, gpus=(gpu,))
    return FixedProbe(hardware)


# LoraState


def test_named_adapters_are_loaded_with_the_model(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    engine = bench.load()
    assert engine.job.loras == LORAS
    assert bench.settle().loras == LoraState(LORAS, pending=True)
    engine.emit(LorasApplied((STYLE,), ("terse.gguf is not a LoRA adapter.",)))
    told = bench.until(lambda s: not s.loras.pending).loras
    assert told == LoraState(LORAS, (STYLE,), ("terse.gguf is not a LoRA adapter.",))
    assert engine.loras == []


def test_they_are_switched_in_the_engine_that_replies(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    engine = bench.load()
    bench.loader.set_loras(())
    bench.until(lambda s: s.loras.wanted == ())
    assert engine.loras == [()]
    engine.emit(LorasApplied(()))
    bench.loader.set_loras((TERSE,))
    bench.until(lambda s: s.loras.wanted == (TERSE,) and s.loras.pending)
    engine.emit(LorasApplied((TERSE,)))
    assert bench.until(lambda s: not s.loras.pending).loras.applied == (TERSE,)
    assert len(bench.starter.engines) == 1


def test_what_was_switched_counts_for_the_next_model(make: Make) -> None:
    bench = make(SMALL, TINY, wanted=SMALL, loras=LORAS)
    bench.load()
    bench.loader.set_loras((TERSE,))
    bench.loader.switch(model(TINY))
    assert bench.load().job.loras == (TERSE,)


def test_what_is_switched_while_a_model_loads_reaches_it(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    engine = bench.engine()
    bench.loader.set_loras((STYLE,))
    bench.until(lambda s: s.loras.wanted == (STYLE,))
    engine.emit(LOADED)
    bench.until(lambda s: isinstance(s.state, Ready) and s.loras.pending)
    bench.settle()
    assert engine.loras == [(STYLE,)]


def test_an_adapter_that_ends_the_engine_is_off_after_it(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    bench.load().emit(ChildExited(-6))
    again = bench.engine()
    assert again.job.loras == ()
    assert "style.gguf, terse.gguf" in bench.loader.snapshot.loras.refusals[0]


def test_an_engine_that_ends_later_keeps_its_adapters(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    engine = bench.load()
    engine.emit(LorasApplied(LORAS))
    engine.emit(ChildExited(-6))
    assert bench.engine().job.loras == LORAS


# What is remembered


def test_what_was_switched_off_in_the_panel_stays_off(make: Make) -> None:
    switches = NotedSwitches()
    bench = make(SMALL, wanted=SMALL, loras=LORAS, switches=switches)
    assert bench.load().job.loras == LORAS
    bench.loader.set_loras((TERSE,))
    bench.settle()
    assert switches.off == {STYLE.path}

    added = Lora("/loras/added.gguf")
    later = make(SMALL, wanted=SMALL, loras=(*LORAS, added), switches=switches)
    assert later.load().job.loras == (TERSE, added)
    later.loader.set_loras((STYLE, TERSE, added))
    later.settle()
    assert switches.off == frozenset()


def test_adapters_that_ended_the_engine_are_not_taken_for_switched_off(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, loras=LORAS)
    bench.load().emit(ChildExited(-6))
    bench.load()
    assert bench.switches.off == frozenset()


def test_replies_name_the_model_as_the_panel_does(make: Make) -> None:
    assert make(SMALL, wanted=SMALL).engine().label == model(SMALL).label


def test_the_choice_in_the_panel_is_remembered(make: Make) -> None:
    bench = make(SMALL, TINY, wanted=SMALL)
    bench.load()
    assert bench.chosen.model_id == "", "nobody chose it in the panel"
    bench.loader.switch(model(TINY))
    bench.load()
    assert bench.chosen.model_id == TINY
    bench.loader.switch(model(SMALL))
    bench.load()
    bench.loader.delete(model(TINY))
    bench.settle()
    assert bench.chosen.model_id == SMALL


def test_a_model_that_is_deleted_is_not_brought_up_again(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load()
    bench.loader.switch(model(TINY))
    bench.fetch()
    bench.loader.cancel()
    bench.state(NotAvailable)
    bench.loader.delete(model(TINY))
    bench.settle()
    assert bench.chosen.model_id == ""


def test_a_measured_speed_is_kept(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load().emit(SpeedMeasured(12.5, 80.0))
    bench.settle()
    (record,) = bench.speeds.records
    spec = model(SMALL)
    key = f"{spec.repo}/{spec.revision}/{spec.files[0].name}"
    # LOADED has none of its layers on the processor that it names.
    assert record == SpeedRecord(key, "CPU", spec.files[0].size_bytes or 0, 12.5, 80.0)


# A second try with less


def test_too_little_memory_on_the_card_loads_less_of_it_there_once(make: Make) -> None:
    bench = make("qwen3.5-9b", wanted="qwen3.5-9b", probe=card(12))
    first = bench.engine()
    assert (first.job.device, first.job.gpu_layers) == (DevicePreference.AUTO, None)
    first.emit(LoadFailed(EngineProblem.NO_DEVICE_MEMORY, "No room."))
    again = bench.until(lambda s: isinstance(s.state, Loading) and bool(s.notice))
    assert "graphics card" in again.notice and "less of it" in again.notice
    second = bench.engine()
    assert second.job.device is DevicePreference.AUTO
    assert second.job.gpu_layers is not None and 0 < second.job.gpu_layers < 33
    assert first.stopped
    # From here on it is as with any memory: the same once more, then a smaller one.
    second.emit(LoadFailed(EngineProblem.NO_DEVICE_MEMORY, "No room."))
    third = bench.engine()
    assert third.job.gpu_layers == second.job.gpu_layers
    third.emit(LOADED)
    bench.state(Ready)


def test_where_size_is_not_the_cause_the_processor_does_it_all(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, probe=card(40, ram_gib=32))
    bench.engine().emit(LoadFailed(EngineProblem.NO_DEVICE_MEMORY, "No room."))
    second = bench.engine()
    assert (second.job.device, second.job.gpu_layers) == (DevicePreference.CPU, None)


def test_who_tries_again_gets_the_whole_card_again(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL, probe=card(40, ram_gib=32))
    bench.engine().emit(LoadFailed(EngineProblem.NO_DEVICE_MEMORY, "No room."))
    bench.engine().emit(LoadFailed(EngineProblem.DAMAGED, "Broken."))
    bench.until(lambda s: isinstance(s.state, Failed) and s.state.reason == "Broken.")
    bench.loader.retry()
    assert bench.engine().job.device is DevicePreference.AUTO


def test_after_a_crash_the_next_engine_is_careful(make: Make) -> None:
    bench = make(SMALL, TINY, wanted=SMALL)
    first = bench.load()
    assert not first.job.careful
    first.emit(ChildExited(-11))
    assert bench.load().job.careful
    bench.loader.switch(model(TINY))
    assert bench.load().job.careful, "the processor is still the same"


def test_an_engine_that_memory_ended_was_not_careless(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load().emit(ChildExited(-9))
    assert not bench.load().job.careful


def test_an_engine_that_hung_says_so_and_is_started_again(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load().emit(ChildExited(-9, 30.0))
    again = bench.until(lambda s: isinstance(s.state, Loading) and bool(s.notice))
    hung = "The local model hung (no sign of life for 30 s) and was stopped"
    assert again.notice == f"{hung}. Loading Qwen3.5 4B."
    bench.load()


# How it is loaded


def test_the_settings_reach_the_engine(make: Make) -> None:
    bench = make(
        SMALL,
        wanted=SMALL,
        threads=3,
        batch_size=256,
        flash_attention=FlashAttention.ON,
        kv_type=KvType.Q8_0,
    )
    job = bench.engine().job
    assert (job.threads, job.batch_size) == (3, 256)
    assert (job.flash_attention, job.kv_type) == (FlashAttention.ON, KvType.Q8_0)
    assert not job.kv_may_differ


@pytest.mark.parametrize(
    ("free_gib", "flash_attention", "kv_type"),
    [
        (12.0, FlashAttention.AUTO, KvType.F16),
        # At 32K it needs 7.09 GiB with f16, 6.62 with q8_0.
        (6.8, FlashAttention.AUTO, KvType.Q8_0),
        (6.8, FlashAttention.OFF, KvType.F16),
        (3.0, FlashAttention.AUTO, KvType.F16),
    ],
)
def test_the_cache_is_compressed_where_only_that_fits(
    make: Make, free_gib: float, flash_attention: FlashAttention, kv_type: KvType
) -> None:
    probe = FixedProbe(replace(MACHINE, ram_free_bytes=round(free_gib * GIB)))
    bench = make(
        "qwen3.5-9b",
        wanted="qwen3.5-9b",
        probe=probe,
        context_length=32_768,
        flash_attention=flash_attention,
    )
    job = bench.engine().job
    assert (job.context_length, job.kv_type) == (32_768, kv_type)
    assert job.kv_may_differ == (flash_attention is FlashAttention.AUTO)
