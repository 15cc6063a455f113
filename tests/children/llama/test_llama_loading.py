"""Loading: progress, the truth about devices, and a sentence for everything that can be wrong."""

import os
import sys
from pathlib import Path

import pytest

from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    LoadFailed,
    LoadProgressed,
    ModelLoaded,
)
from tests.engine_child import EngineChild, user
from tests.gguf_damage import header_bytes, mutate_header
from tests.gguf_models import REPLY, Shape, build_model


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(models: Path) -> Path:
    return build_model(models / "small.gguf", name="Small Test")


def failure(
    path: Path, *, context_length: int = 512, address_space_bytes: int | None = None
) -> LoadFailed:
    with EngineChild(
        path, context_length=context_length, address_space_bytes=address_space_bytes
    ) as child:
        failed = [event for event in child.events() if isinstance(event, LoadFailed)]
        assert child.process.wait(10) == 1
    assert len(failed) == 1
    assert failed[0].sentence.endswith(".")
    assert failed[0].sentence.count("\n") == 0
    return failed[0]


@pytest.mark.parametrize("device", list(DevicePreference))
def test_what_is_loaded_is_told(model: Path, device: DevicePreference) -> None:
    """This build has no accelerator: whatever is preferred, the truth is CPU."""
    with EngineChild(model, context_length=1024, device=device, threads=1) as child:
        loaded = child.wait_for(ModelLoaded)
    layers = Shape().layers + 1
    assert loaded == ModelLoaded("CPU", layers, layers, 1024, "Small Test")


def test_progress_rises_to_one(models: Path) -> None:
    model = build_model(
        models / "big.gguf", shape=Shape(layers=8, embedding=512, heads=8), size_bytes=150_000_000
    )
    fractions = []
    with EngineChild(model) as child:
        for event in child.events():
            if isinstance(event, LoadProgressed):
                fractions.append(event.fraction)
            if isinstance(event, ModelLoaded):
                break
    model.unlink()
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions.count(1.0) == 1


def test_a_split_model_loads_from_its_first_part(models: Path) -> None:
    first = build_model(models / "split.gguf", parts=3)
    parts = sorted(models.glob("split-*.gguf"))
    assert [part.name for part in parts] == [f"split-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    with EngineChild(first) as child:
        child.ask(user("Hi!"))
        assert child.rest_of_reply()[0] == REPLY
    parts[1].unlink()
    failed = failure(first)
    assert failed.problem is EngineProblem.NO_FILE
    assert "part" in failed.sentence


def test_a_missing_file(models: Path) -> None:
    failed = failure(models / "nowhere.gguf")
    assert failed.problem is EngineProblem.NO_FILE
    assert "nowhere.gguf" in failed.sentence


def test_a_folder(models: Path) -> None:
    assert failure(models).problem is EngineProblem.NO_FILE


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", EngineProblem.DAMAGED),
        (b"GGU", EngineProblem.DAMAGED),
        (b"GGUF\x03\0\0\0", EngineProblem.DAMAGED),
        (b"<!doctype html><title>Sign in</title>" * 50, EngineProblem.DAMAGED),
        (b"GGUF\x01\0\0\0" + bytes(64), EngineProblem.UNSUPPORTED),
        (b"GGUF\0\0\0\x03" + bytes(64), EngineProblem.UNSUPPORTED),
        (b"GGUF\x03\0\0\0" + b"\xff" * 16, EngineProblem.DAMAGED),
        (b"GGUF\x03\0\0\0" + bytes(64), EngineProblem.DAMAGED),
        (b"PK\x03\x04" + bytes(4096), EngineProblem.DAMAGED),
    ],
)
def test_what_is_no_model(models: Path, content: bytes, problem: EngineProblem) -> None:
    path = models / "foreign.gguf"
    path.write_bytes(content)
    assert failure(path).problem is problem


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.004, 0.0001])
def test_a_truncated_file(models: Path, model: Path, kept: float) -> None:
    data = model.read_bytes()
    path = models / "truncated.gguf"
    path.write_bytes(data[: int(len(data) * kept)])
    failed = failure(path)
    assert failed.problem is EngineProblem.DAMAGED
    assert "truncated.gguf" in failed.sentence


def test_an_architecture_that_llama_cpp_does_not_know(models: Path) -> None:
    failed = failure(build_model(models / "other.gguf", architecture="shammah-9"))
    assert failed.problem is EngineProblem.UNSUPPORTED
    assert "shammah-9" in failed.sentence


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_a_context_that_does_not_fit(models: Path) -> None:
    # 24 KiB of keys and values a token, so 24 GiB; the child may have 8.
    model = build_model(
        models / "long.gguf", context_length=1 << 20, shape=Shape(layers=24, kv_heads=4)
    )
    failed = failure(model, context_length=1 << 20, address_space_bytes=8 << 30)
    assert failed.problem is EngineProblem.NO_MEMORY
    assert "shorter context" in failed.sentence


def test_a_model_without_a_usable_template(models: Path) -> None:
    template = "{% for message in messages %}{{ message"
    failed = failure(build_model(models / "base.gguf", chat_template=template))
    assert failed.problem is EngineProblem.NO_TEMPLATE


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"type":"StopReply","id":1}\n', b"\xff\n"])
def test_a_first_line_that_is_no_job(line: bytes, tmp_path: Path) -> None:
    with EngineChild(tmp_path / "unused.gguf", first_line=line) as child:
        assert [type(event) for event in child.events()] == [LoadFailed]
        assert child.process.wait(10) == 1


def test_llama_cpp_missing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise ImportError('no shared library')\n")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    with EngineChild(model, environment={**os.environ, "PYTHONPATH": path}) as child:
        failed = [event for event in child.events() if isinstance(event, LoadFailed)]
    assert [event.problem for event in failed] == [EngineProblem.NO_LIBRARY]
    assert "llama-cpp-python" in failed[0].sentence


def test_what_libraries_print_stays_out_of_the_protocol(model: Path, tmp_path: Path) -> None:
    """A line on the number that once was stdout, written as a C library would write it."""
    (tmp_path / "diskcache.py").write_text(
        "import os\nos.write(1, b'chatter\\n')\nprint('more chatter')\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    log_path = tmp_path / "engine.log"
    environment = {**os.environ, "PYTHONPATH": path}
    with EngineChild(model, environment=environment, log_path=log_path) as child:
        child.wait_for(ModelLoaded)
        child.ask(user("Hi!"))
        assert child.rest_of_reply()[0] == REPLY
    assert "chatter\n" in log_path.read_text()


def test_the_header_bounds_the_fuzzing(model: Path) -> None:
    """The mutations hit metadata and tensor descriptions, and each differs from the original."""
    data = model.read_bytes()
    header = header_bytes(model)
    assert 10_000 < header < 50_000
    mutants = {mutate_header(data, header, seed) for seed in range(50)}
    assert len(mutants - {data}) >= 48
