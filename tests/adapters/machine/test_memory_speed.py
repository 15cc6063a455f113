import time

from shammah_tui.adapters.machine.memory_speed import memory_bytes_per_s


def test_it_is_measured_quickly_and_once() -> None:
    memory_bytes_per_s.cache_clear()
    began_s = time.process_time()
    moved = memory_bytes_per_s(2)
    used_s = time.process_time() - began_s
    assert moved is not None and 1e8 < moved < 1e13
    assert used_s < 2 * 0.2 * 5, "two cores for 0.2 s, on a machine five times as slow"
    assert memory_bytes_per_s(2) == moved
