"""What the real children see of the environment: what they need, and no key that is not theirs."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.child_process import ChildProcess
from shammah_tui.adapters.engine.local_engine import LocalEngineStarter
from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec, WeightsFile
from shammah_tui.core.protocol.child_environment import (
    engine_environment,
    fetch_environment,
    without_key,
)
from shammah_tui.core.protocol.engine_messages import LoadModel
from shammah_tui.core.settings.settings import EndpointSettings, Settings
from shammah_tui.wiring import Setup, local_side, read_setup

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

NEEDED = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TMPDIR": "/tmp"}
KEYS = {
    "ANTHROPIC_API_KEY": "sk-ant-1",
    "ANTHROPIC_AUTH_TOKEN": "token-1",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "BOX_KEY": "box-1",
    "PYTHON_BOX_KEY": "box-2",
    "NVIDIA_API_KEY": "nvapi-1",
    "LLAMA_API_KEY": "llama-1",
    "OPENAI_API_KEY": "sk-2",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "SSH_AUTH_SOCK": "/tmp/agent",
}
ENGINE = {
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "GGML_VK_VISIBLE_DEVICES": "0",
    "LD_LIBRARY_PATH": "/opt/cuda/lib64",
}
FETCH = {
    "HF_TOKEN": "hf_12345678",
    "HF_HUB_DISABLE_XET": "1",
    "HTTPS_PROXY": "http://bob:pw@127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
    "SSL_CERT_FILE": "/etc/ssl/cert.pem",
}


def everything(home: Path) -> dict[str, str]:
    paths = {"HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    return {**NEEDED, **paths, **KEYS, **ENGINE, **FETCH}


def seen_by(pid: int) -> Mapping[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if pair)


def setup(home: Path) -> Setup:
    settings = Settings(endpoint=EndpointSettings(key_env="PYTHON_BOX_KEY"))
    return read_setup(everything(home), (settings, ()))


def test_the_engine_child_sees_no_key_no_token_and_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shammah_tui.wiring.log_folder", lambda: tmp_path)
    starter = local_side(setup(tmp_path)).starter
    assert isinstance(starter, LocalEngineStarter)
    job = LoadModel(str(tmp_path / "none.gguf"), 512, DevicePreference.CPU)
    engine = starter.start(job, lambda _event: None)
    try:
        seen = seen_by(engine.pid)
    finally:
        engine.stop()
    assert not seen.keys() & KEYS.keys()
    assert not seen.keys() & FETCH.keys()
    assert seen.items() >= {**NEEDED, **ENGINE, "HOME": str(tmp_path)}.items()


def test_the_fetch_child_sees_the_hubs_token_and_the_proxies_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shammah_tui.wiring.log_folder", lambda: tmp_path)
    source = setup(tmp_path).source
    assert isinstance(source, HubSource)
    model = ModelSpec("m", "M", repo="acme/m", files=(WeightsFile("m.gguf"),))
    fetch = source.start_fetch(model, lambda _event: None)
    assert isinstance(fetch, ChildProcess)
    try:
        seen = seen_by(fetch.pid)
    finally:
        fetch.stop()
    assert not seen.keys() & KEYS.keys()
    assert not seen.keys() & (ENGINE.keys() - {"LD_LIBRARY_PATH"})
    assert seen.items() >= {**NEEDED, **FETCH, "HOME": str(tmp_path)}.items()


@pytest.mark.parametrize("name", ["HF_BOX_KEY", "GGML_TOKEN", "XDG_SECRET", "PYTHONPASSWORD"])
def test_an_allowed_beginning_does_not_let_a_key_through(name: str) -> None:
    environment = {name: "secret"}
    assert fetch_environment(environment) == {}
    assert engine_environment(environment) == {}


def test_the_key_of_an_endpoint_goes_whatever_it_is_called() -> None:
    environment = {"HF_BOX": "secret", "HF_TOKEN": "hf_1", "PATH": "/bin"}
    assert fetch_environment(without_key(environment, "HF_BOX")).keys() == {"HF_TOKEN", "PATH"}
    # The Hub's own token is the Hub's, also where an endpoint is sent it, too.
    assert "HF_TOKEN" in fetch_environment(without_key(environment, "HF_TOKEN"))
    assert without_key(environment, "") == environment
