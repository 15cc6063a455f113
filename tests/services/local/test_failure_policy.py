from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed
from shammah_tui.ports import ChildExited
from shammah_tui.services.local.failure_policy import QUIET_S, FailurePolicy, next_smaller
from tests.services.bench import model


class Failures:
    """A policy with a clock, and what it loads after each end of an engine."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.policy = FailurePolicy(CATALOGUE, lambda: self.now_s)

    def after(self, name: str, *, memory: bool) -> str | None:
        self.now_s += 1
        self.policy.expect(0, 0)
        if memory:
            failed = LoadFailed(EngineProblem.NO_MEMORY, "No.")
            setback = self.policy.after_failure(model(name), failed)
        else:
            setback = self.policy.after_end(model(name), ChildExited(-6))
        return setback.again.id if setback.again is not None else None


def test_the_same_model_first_then_nothing() -> None:
    failures = Failures()
    assert failures.after("qwen3.5-4b", memory=False) == "qwen3.5-4b"
    assert failures.after("qwen3.5-4b", memory=False) is None


def test_the_next_smaller_one_where_memory_was_the_cause_and_only_once() -> None:
    failures = Failures()
    failures.after("qwen3.5-4b", memory=True)
    assert failures.after("qwen3.5-4b", memory=True) == "qwen3.5-2b"
    assert failures.after("qwen3.5-2b", memory=True) == "qwen3.5-0.8b"
    assert failures.after("qwen3.5-0.8b", memory=True) == "qwen2.5-0.5b"
    assert failures.after("qwen2.5-0.5b", memory=True) is None


def test_chances_come_back_with_time_and_with_the_user() -> None:
    failures = Failures()
    failures.after("qwen3.5-4b", memory=False)
    failures.now_s += QUIET_S
    assert failures.after("qwen3.5-4b", memory=False) == "qwen3.5-4b"
    failures.policy.forget()
    assert failures.after("qwen3.5-4b", memory=False) == "qwen3.5-4b"


def test_a_smaller_one_is_of_the_family_where_there_is_one() -> None:
    smaller = next_smaller(model("qwen3-8b"), CATALOGUE)
    assert smaller is not None
    assert smaller.id == "qwen3-4b-instruct-2507" or smaller.family == "Qwen3"
    assert next_smaller(model("qwen2.5-0.5b"), CATALOGUE) is None
    assert next_smaller(ModelSpec("x", "X"), CATALOGUE) is None
