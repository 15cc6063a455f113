"""LoRA adapters: really applied, switched without a new load, refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.engine_messages import LorasApplied, ModelLoaded, SetLoras
from tests.engine_child import EngineChild, user
from tests.gguf_lora import build_lora
from tests.gguf_models import REPLY, build_model

CHANGED = " machine — ready."
"""What is left of ``REPLY`` when it begins with the word that the adapter wants."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    return build_model(folder / "small.gguf")


@pytest.fixture(scope="module")
def lora(folder: Path, model: Path) -> Lora:
    return Lora(str(build_lora(folder / "machine.gguf", model, "Ġmachine")))


@pytest.fixture(scope="module")
def child(model: Path) -> Iterator[EngineChild]:
    """One child whose adapters each test sets for itself."""
    with EngineChild(model, context_length=1024) as child:
        child.wait_for(ModelLoaded)
        yield child


def set_loras(child: EngineChild, *loras: Lora) -> LorasApplied:
    child.send(SetLoras(loras))
    return child.wait_for(LorasApplied)


def reply(child: EngineChild) -> str:
    child.ask(user("Who are you?"))
    return child.rest_of_reply()[0]


def test_a_named_adapter_changes_the_reply(model: Path, lora: Lora) -> None:
    with EngineChild(model, loras=(lora,)) as child:
        child.wait_for(ModelLoaded)
        assert child.wait_for(LorasApplied) == LorasApplied((lora,))
        assert reply(child) == CHANGED


def test_it_is_switched_on_and_off_without_a_new_load(child: EngineChild, lora: Lora) -> None:
    set_loras(child)
    assert reply(child) == REPLY
    assert set_loras(child, lora) == LorasApplied((lora,))
    assert reply(child) == CHANGED
    assert set_loras(child) == LorasApplied(())
    assert reply(child) == REPLY


def test_what_was_read_with_other_adapters_is_read_again(child: EngineChild, lora: Lora) -> None:
    set_loras(child, lora)
    reply(child)
    child.ask(user("Who are you?"))
    assert child.rest_of_reply()[1].reused_tokens > 0
    set_loras(child, lora)
    child.ask(user("Who are you?"))
    assert child.rest_of_reply()[1].reused_tokens > 0, "nothing changed"
    set_loras(child)
    child.ask(user("Who are you?"))
    assert child.rest_of_reply()[1].reused_tokens == 0


def test_the_scale_counts(child: EngineChild, lora: Lora) -> None:
    weak, strong = Lora(lora.path, 0.1), Lora(lora.path, 0.8)
    assert set_loras(child, weak) == LorasApplied((weak,))
    assert reply(child) == REPLY
    set_loras(child, strong)
    assert reply(child) == CHANGED


def test_two_adapters_at_once(child: EngineChild, folder: Path, model: Path, lora: Lora) -> None:
    other = Lora(str(build_lora(folder / "own.gguf", model, "Ġown", after="Ġmachine")))
    assert set_loras(child, lora, other) == LorasApplied((lora, other))
    child.ask(user("Who are you?"), max_tokens=3)
    assert child.rest_of_reply()[0] == " machine own machine"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "model"}, "is not a LoRA adapter"),
        ({"adapter_type": "control"}, "is not a LoRA adapter"),
        ({"architecture": "llama"}, "another architecture"),
        ({"width": 128}, "another size"),
        ({"tensor": "blk.77.ffn_up.weight"}, "another size"),
    ],
)
def test_a_wrong_adapter_is_refused_and_the_others_stay(
    child: EngineChild,
    folder: Path,
    model: Path,
    lora: Lora,
    change: dict[str, str],
    words: str,
) -> None:
    wrong = build_lora(folder / "wrong.gguf", model, "Ġown", **change)  # type: ignore[arg-type]
    done = set_loras(child, lora, Lora(str(wrong)))
    assert done.loras == (lora,)
    (refusal,) = done.refusals
    assert words in refusal and "wrong.gguf" in refusal
    assert str(folder) not in refusal
    assert reply(child) == CHANGED


@pytest.mark.parametrize("kept", [0.98, 0.9, 0.3, 0.02])
def test_a_truncated_adapter(child: EngineChild, folder: Path, lora: Lora, kept: float) -> None:
    data = Path(lora.path).read_bytes()
    path = folder / "cut.gguf"
    path.write_bytes(data[: int(len(data) * kept)])
    done = set_loras(child, Lora(str(path)))
    assert done.loras == ()
    assert "damaged or incomplete" in done.refusals[0]
    assert reply(child) == REPLY


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.gguf", None, "The LoRA adapter nowhere.gguf is not at /"),
        ("page.gguf", b"<!doctype html>", "is not a GGUF file"),
        ("empty.gguf", b"", "is not a GGUF file"),
        ("nul\0.gguf", None, "cannot be read"),
    ],
)
def test_what_is_no_file(
    child: EngineChild, folder: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    done = set_loras(child, Lora(str(folder / name)))
    assert done.loras == ()
    assert words in done.refusals[0]


def test_a_model_is_no_adapter(child: EngineChild, model: Path) -> None:
    assert "is not a LoRA adapter" in set_loras(child, Lora(str(model))).refusals[0]


def test_a_refused_one_can_be_mended(child: EngineChild, folder: Path, lora: Lora) -> None:
    path = folder / "mended.gguf"
    path.write_bytes(b"GGUF")
    assert set_loras(child, Lora(str(path))).refusals
    path.write_bytes(Path(lora.path).read_bytes())
    assert set_loras(child, Lora(str(path))) == LorasApplied((Lora(str(path)),))


def test_a_switch_during_a_reply_waits_for_its_end(child: EngineChild, lora: Lora) -> None:
    set_loras(child)
    child.ask(user("Who are you?"))
    child.send(SetLoras((lora,)))
    assert child.rest_of_reply()[0] == REPLY
    assert child.wait_for(LorasApplied).loras == (lora,)
