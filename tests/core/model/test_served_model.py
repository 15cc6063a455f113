"""What a server's model is called on the screen."""

import pytest

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.model.served_model import host_of, served_model, short_name
from shammah_tui.core.wording.status import StatusKeys, fit, status_parts


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("qwen3.5:9b", "qwen3.5:9b"),
        ("Qwen/Qwen3.5-9B", "Qwen3.5-9B"),
        ("/srv/models/Qwen3.5-9B-Q4_K_M.gguf", "Qwen3.5-9B-Q4_K_M"),
        ("C:\\models\\Qwen3.GGUF", "Qwen3"),
        ("models/", "models"),
        ("a\x1b[2J\nb", "a b"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_served_model() -> None:
    model = served_model("gpu-box", "Qwen/Qwen3.5-9B")
    assert (model.label, model.host, model.family) == (
        "Qwen3.5-9B at gpu-box",
        "gpu-box",
        "Qwen3.5",
    )
    assert (model.repo, model.local_path, model.size_bytes) == (None, None, None)
    assert served_model("gpu-box", "").label == "the model at gpu-box"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://gpu-box:8080/v1", "gpu-box"),
        ("https://127.0.0.1", "127.0.0.1"),
        ("http://[::1]:8080", "::1"),
    ],
)
def test_hosts(url: str, host: str) -> None:
    assert host_of(url) == host


def test_the_header_speaks_of_no_device_and_no_layers() -> None:
    state = Ready(served_model("gpu-box", "qwen3.5-9b"), "", 0, 0, 8192)
    parts = status_parts(state, StatusKeys(), claude_available=True)
    assert fit(parts, 80) == "✓ qwen3.5-9b at gpu-box ready"
