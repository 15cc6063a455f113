from shammah_tui.core.local.recovery import (
    QUIET_S,
    GiveUp,
    Recovery,
    StartAgain,
    memory_sentence,
    next_smaller,
)
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec


def model(name: str) -> ModelSpec:
    return next(each for each in CATALOGUE if each.id == name)


def after(recovery: Recovery, name: str, now_s: float, *, memory: bool) -> StartAgain | GiveUp:
    return recovery.after(model(name), out_of_memory=memory, offered=CATALOGUE, now_s=now_s)


def test_the_same_model_first_then_nothing() -> None:
    recovery = Recovery()
    assert after(recovery, "qwen3.5-4b", 0, memory=False) == StartAgain(model("qwen3.5-4b"))
    assert after(recovery, "qwen3.5-4b", 1, memory=False) == GiveUp()


def test_the_next_smaller_one_where_memory_was_the_cause_and_only_once() -> None:
    recovery = Recovery()
    after(recovery, "qwen3.5-4b", 0, memory=True)
    assert after(recovery, "qwen3.5-4b", 1, memory=True) == StartAgain(model("qwen3.5-2b"))
    assert after(recovery, "qwen3.5-2b", 2, memory=True) == StartAgain(model("qwen3.5-0.8b"))
    assert after(recovery, "qwen3.5-0.8b", 3, memory=True) == StartAgain(model("qwen2.5-0.5b"))
    assert after(recovery, "qwen2.5-0.5b", 4, memory=True) == GiveUp()


def test_chances_come_back_with_time_and_with_the_user() -> None:
    recovery = Recovery()
    after(recovery, "qwen3.5-4b", 0, memory=False)
    assert isinstance(after(recovery, "qwen3.5-4b", QUIET_S + 1, memory=False), StartAgain)
    recovery.forget()
    assert isinstance(after(recovery, "qwen3.5-4b", QUIET_S + 2, memory=False), StartAgain)


def test_a_smaller_one_is_of_the_family_where_there_is_one() -> None:
    smaller = next_smaller(model("qwen3-8b"), CATALOGUE)
    assert smaller is not None
    assert smaller.id == "qwen3-4b-instruct-2507" or smaller.family == "Qwen3"
    assert next_smaller(model("qwen2.5-0.5b"), CATALOGUE) is None
    assert next_smaller(ModelSpec("x", "X"), CATALOGUE) is None


def test_memory_is_told_in_figures_where_they_explain_it() -> None:
    told = memory_sentence(5_100_000_000, 3_200_000_000)
    assert told.startswith("The model needs 5.1 GB of memory, 3.2 GB was free")
    assert "memory ran out" in memory_sentence(1, 2)
