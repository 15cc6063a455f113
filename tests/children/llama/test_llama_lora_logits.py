"""What a LoRA adapter does to the logits, read from the real llama.cpp."""

from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest

from shammah_tui.children.llama.context import Context, ContextOptions
from shammah_tui.children.llama.inbox import StopFlag
from shammah_tui.children.llama.loras import Loras
from shammah_tui.children.llama.prompt_reading import ChunkPolicy, ChunkSize, read_prompt
from shammah_tui.children.llama.threads import Threads
from shammah_tui.core.model.model_spec import Lora
from tests.gguf_lora import BLANK_LINE, build_lora
from tests.gguf_models import LOGIT, build_model

CHUNK = 64
SAID = "Ġmachine"
BY_HAND = 3 * LOGIT
"""What the adapter adds to the logit of ``SAID`` after ``BLANK_LINE``, at a scale of 1."""
ROUNDING = 0.02
"""Of that: the adapter's matrices are computed with in half precision."""


class Machine:
    """A model in the tests' own process, and an adapter that was made for it."""

    def __init__(self, folder: Path) -> None:
        path = build_model(folder / "small.gguf")
        self.lora = str(build_lora(folder / "machine.gguf", path, SAID))
        tokens = list(gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents())
        self.said, self._prompt = tokens.index(SAID), [tokens.index(BLANK_LINE)]
        self._vocabulary = len(tokens)
        model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        options = ContextOptions(512, Threads(2, 2), CHUNK)
        self._context = Context(model, options, lambda: False, StopFlag())
        self._adapters = Loras(model, self._context, str)

    def logits(self, *loras: Lora) -> npt.NDArray[np.float32]:
        """Return the logits after ``BLANK_LINE`` with these adapters and no others."""
        assert self._adapters.apply(loras).refusals == ()
        self._context.cache.keep_prefix(self._prompt)
        chunk_size = ChunkSize(ChunkPolicy(CHUNK, 60.0), CHUNK)
        read_prompt(self._context, self._prompt, chunk_size, lambda _: None, 0)
        found = llama_cpp.llama_get_logits_ith(self._context.handle, -1)
        return np.ctypeslib.as_array(found, shape=(self._vocabulary,)).copy()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("adapter"))


@pytest.mark.parametrize("scale", [1.0, 0.5, -0.25, 0.0])
def test_it_changes_the_logits_it_was_made_to_by_its_scale(machine: Machine, scale: float) -> None:
    without = machine.logits()
    change = machine.logits(Lora(machine.lora, scale)) - without
    assert change[machine.said] == pytest.approx(scale * BY_HAND, abs=ROUNDING * BY_HAND)
    assert np.abs(np.delete(change, machine.said)).max() < ROUNDING
    # Taken off, nothing of it is left.
    assert np.array_equal(machine.logits(), without)
