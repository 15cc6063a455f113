"""Which model comes first, and what follows it: rules row by row."""

import pytest

from shammah_tui.core.local.ladder import first_rung, next_rung
from shammah_tui.core.local.speed import SpeedRecord, expected_pace, speed_key
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.memory import GIB
from shammah_tui.core.model.model_choice import Choice, NothingFits, Quickness, choose_model
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.core.model.reading_pace import PaceFloor

BY_ID = {model.id: model for model in CATALOGUE}
OLDER = tuple(model for model in CATALOGUE if not model.id.startswith("qwen3."))
MACHINE = Hardware(16 * GIB, 14 * GIB, 8, memory_bytes_per_s=60e9)
SMALLEST, SECOND, GOAL = "qwen3.5-0.8b", "qwen3.5-2b", "qwen3.5-4b"


def recommend(
    models: tuple[ModelSpec, ...],
    hardware: Hardware = MACHINE,
    records: tuple[SpeedRecord, ...] = (),
    here: tuple[str, ...] = (),
) -> Choice | NothingFits:
    quick = Quickness(PaceFloor(), lambda choice: expected_pace(choice, hardware, records), here)
    return choose_model(hardware, DevicePreference.AUTO, models, quickness=quick)


def first(*here: str, goal: str = GOAL, offered: tuple[ModelSpec, ...] = CATALOGUE) -> str:
    found = recommend((BY_ID[goal],))
    assert isinstance(found, Choice)
    return first_rung(found, offered, here, lambda models: recommend(models, here=here)).id


@pytest.mark.parametrize(
    ("here", "goal", "expected"),
    [
        ((), GOAL, SMALLEST),
        ((), SMALLEST, SMALLEST),
        ((SMALLEST,), GOAL, SMALLEST),
        ((SECOND,), GOAL, SECOND),
        ((SMALLEST, SECOND), GOAL, SECOND),
        ((GOAL,), GOAL, GOAL),
        ((GOAL, SMALLEST), GOAL, GOAL),
        # Too slow to be the default: what is small is quicker to fetch than it replies.
        (("qwen3.5-9b",), GOAL, SMALLEST),
    ],
)
def test_the_smallest_comes_first_unless_something_better_is_here(
    here: tuple[str, ...], goal: str, expected: str
) -> None:
    assert first(*here, goal=goal) == expected


def test_where_hybrids_are_not_offered_the_smallest_is_an_older_one() -> None:
    assert first(goal="qwen3-4b-instruct-2507", offered=OLDER) == "qwen2.5-0.5b"


def test_without_a_small_one_the_goal_comes_first() -> None:
    assert first(offered=(BY_ID[GOAL],)) == GOAL


def _measured(tokens_per_s: float, prompt: float) -> tuple[SpeedRecord, ...]:
    model = BY_ID[SMALLEST]
    assert model.size_bytes is not None
    return (SpeedRecord(speed_key(model), "CPU", model.size_bytes, tokens_per_s, prompt),)


@pytest.mark.parametrize(
    ("tokens_per_s", "prompt", "expected"),
    [
        (100.0, 800.0, "qwen3.5-9b"),
        (60.0, 400.0, "qwen3.5-4b"),
        # 20 tokens a second would be 8.3 with the 2B; its reading has to keep up as well.
        (20.0, 400.0, "qwen3.5-2b"),
        (60.0, 110.0, None),
        (15.0, 400.0, None),
    ],
)
def test_the_measured_pace_says_what_follows(
    tokens_per_s: float, prompt: float, expected: str | None
) -> None:
    found = recommend(CATALOGUE, records=_measured(tokens_per_s, prompt), here=(SMALLEST,))
    assert isinstance(found, Choice)
    follows = next_rung(BY_ID[SMALLEST], found)
    assert (follows and follows.id) == expected


def test_nothing_follows_the_top_and_nothing_goes_down() -> None:
    found = recommend((BY_ID[SECOND],))
    assert isinstance(found, Choice)
    assert next_rung(BY_ID[SECOND], found) is None
    assert next_rung(BY_ID[GOAL], found) is None
    assert next_rung(BY_ID[GOAL], None) is None
