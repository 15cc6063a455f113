import pytest

from shammah_tui.core.model.hardware import Gpu


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA H100 80GB HBM3", "H100 80GB HBM3"),
        ("GeForce GTX 1080", "GTX 1080"),
        ("AMD Radeon RX 7900 XTX", "Radeon RX 7900 XTX"),
        ("Intel(R) Arc(TM) A770", "Arc(TM) A770"),
        ("Apple M4 Pro", "Apple M4 Pro"),
        ("NVIDIA", "NVIDIA"),
        ("evil\x1b[31m\ncard", "evil card"),
    ],
)
def test_short_name(name: str, short: str) -> None:
    assert Gpu(name, "CUDA", 1, 1).short_name == short
