import threading
import time

from shammah_tui.adapters.engine.watchdog import GRACE_S, Watchdog

TIMEOUT_S = 20.0
SILENCE_S = 0.4


def test_a_silence_is_noticed_once() -> None:
    times: list[float] = []
    noticed = threading.Event()

    def note() -> None:
        times.append(time.monotonic())
        noticed.set()

    dog = Watchdog(SILENCE_S, note)
    began_s = time.monotonic()
    dog.begin()
    assert noticed.wait(TIMEOUT_S)
    assert times[0] - began_s >= SILENCE_S
    dog.hear()
    dog.close()
    assert len(times) == 1


def test_signs_of_life_put_it_off() -> None:
    noticed = threading.Event()
    dog = Watchdog(SILENCE_S, noticed.set)
    dog.begin()
    until_s = time.monotonic() + 2 * SILENCE_S
    while time.monotonic() < until_s:
        dog.hear()
        time.sleep(SILENCE_S / 10)
    assert not noticed.is_set()
    assert noticed.wait(TIMEOUT_S)


def test_nothing_is_missed_while_nothing_is_awaited() -> None:
    noticed = threading.Event()
    dog = Watchdog(SILENCE_S, noticed.set)
    time.sleep(1.5 * SILENCE_S)
    dog.begin()
    dog.begin()
    dog.end()
    dog.end()
    time.sleep(1.5 * SILENCE_S)
    assert not noticed.is_set()
    # What was heard last is long ago; it counts from when something is awaited.
    dog.begin()
    assert not noticed.wait(SILENCE_S / 2)
    assert noticed.wait(TIMEOUT_S)


def test_closed_it_says_nothing() -> None:
    noticed = threading.Event()
    dog = Watchdog(SILENCE_S, noticed.set)
    dog.begin()
    dog.close()
    dog.close()
    assert not noticed.wait(2 * SILENCE_S)


def test_a_process_that_was_held_up_itself_listens_first() -> None:
    """After a stop of this process, what was said meanwhile still waits to be read."""
    noticed = threading.Event()
    late_s = 0.0

    def clock() -> float:
        return time.monotonic() + late_s

    dog = Watchdog(SILENCE_S, noticed.set, clock)
    dog.begin()
    late_s = 100.0
    assert not noticed.wait(GRACE_S / 2)
    dog.hear()
    assert not noticed.wait(GRACE_S)
    dog.close()
