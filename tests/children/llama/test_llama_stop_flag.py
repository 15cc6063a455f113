"""What stops a computation, and who is asked: the real llama.cpp with a small model."""

import threading
from collections.abc import Iterator
from pathlib import Path

import llama_cpp
import pytest

from shammah_tui.children.llama import context as context_module
from shammah_tui.children.llama.context import Context, ContextOptions, DecodingStopped
from shammah_tui.children.llama.inbox import StopFlag
from shammah_tui.children.llama.threads import Threads
from tests.gguf_models import build_model


class Machine:
    """A context that counts how often Python is asked, and its flag."""

    def __init__(self, path: Path) -> None:
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        self.asked = 0
        self.stop = StopFlag()
        options = ContextOptions(512, Threads(1, 1), 64)
        self.context = Context(self._model, options, self._must_stop, self.stop)

    def _must_stop(self) -> bool:
        self.asked += 1
        return self.stop.is_set()

    def asked_for(self, tokens: list[int]) -> int:
        before = self.asked
        self.context.decode(tokens)
        return self.asked - before

    def close(self) -> None:
        llama_cpp.llama_free(self.context.handle)
        llama_cpp.llama_model_free(self._model)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(build_model(tmp_path / "model.gguf"))
    yield machine
    machine.close()


def test_a_flag_is_what_was_last_said() -> None:
    flag = StopFlag()
    assert not flag.is_set()
    thread = threading.Thread(target=flag.set)
    thread.start()
    thread.join()
    assert flag.is_set()
    flag.clear()
    assert not flag.is_set()


def test_python_is_asked_in_prompts_and_not_between_quick_tokens(machine: Machine) -> None:
    assert machine.asked_for(list(range(20))) > 0
    # Nothing is known of its pace yet.
    assert machine.asked_for([1]) > 0
    assert machine.asked_for([2]) == 0
    assert machine.asked_for([3]) == 0
    assert machine.asked_for(list(range(20))) > 0
    assert machine.asked_for([4]) == 0


def test_slow_tokens_give_signs_of_life(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module, "QUICK_TOKEN_S", 0.0)
    machine.context.decode([1])
    assert machine.asked_for([2]) > 0


def test_the_flag_stops_a_quick_token(machine: Machine) -> None:
    machine.context.decode(list(range(20)))
    machine.context.decode([1])
    machine.stop.set()
    with pytest.raises(DecodingStopped):
        machine.context.decode([2])
    assert len(machine.context.cache) == 21
    machine.stop.clear()
    assert machine.asked_for([2]) == 0
    assert len(machine.context.cache) == 22
