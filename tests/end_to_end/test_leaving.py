"""Told to end from outside, at any moment, the program leaves everything in order."""

import random
import signal
import time

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, Terminal
from tests.end_to_end.world import BLOCK_BYTES, FILE, LABEL, REPO, World

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@pytest.mark.parametrize("number", ENDING)
def test_while_downloading_and_while_claude_replies(world: World, number: signal.Signals) -> None:
    world.api.hold(after_deltas=3)
    terminal = world.start_downloading()
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("This comes from")
    terminal.signal(number)
    _assert_left_well(terminal)
    assert world.api.closed_early.wait(10)
    _assert_goes_on(world)


def test_while_the_local_model_replies(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("again and again")
    terminal.signal(signal.SIGTERM)
    _assert_left_well(terminal)


def test_window_closed_while_downloading(world: World) -> None:
    world.api.hold(after_deltas=3)
    terminal = world.start_downloading()
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("This comes from")
    processes = terminal.processes()
    assert len(processes) == 2
    terminal.hang_up()
    terminal.assert_no_process_left()
    _assert_goes_on(world)


@pytest.mark.parametrize("number", ENDING)
def test_before_anything_is_drawn(world: World, number: signal.Signals) -> None:
    chance = random.Random(number)
    for _ in range(3):
        with world.start("--offline") as terminal:
            terminal.wait_for(lambda each: each.attributes != each.attributes_before)
            # The moment is what is tested; nothing is waited for with it.
            time.sleep(chance.uniform(0, 0.4))
            terminal.signal(number)
            _assert_left_well(terminal)


def test_told_twice(world: World) -> None:
    terminal = world.start_downloading()
    program = terminal.program
    program.send_signal(signal.SIGTERM)
    terminal.wait_for(lambda each: "1049" not in each.modes)
    if program.is_running():
        program.send_signal(signal.SIGTERM)
    _assert_left_well(terminal)


def test_quit_while_downloading(world: World) -> None:
    terminal = world.start_downloading()
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    terminal.assert_no_process_left()
    _assert_goes_on(world)


def _assert_left_well(terminal: Terminal) -> None:
    terminal.wait_for_exit()
    assert "Traceback" not in terminal.text
    terminal.assert_intact()
    terminal.assert_no_process_left()


def _assert_goes_on(world: World) -> None:
    """Start again; assert that the bytes that were there are not fetched again."""
    kept, served = world.partial_bytes(), world.hub.bytes_served
    assert kept > BLOCK_BYTES
    world.hub.throttle(None)
    with world.start("--model", REPO) as terminal:
        terminal.wait_for(f"✓ {LABEL} ready")
    size = (world.models / FILE).stat().st_size
    assert served < size
    assert world.hub.bytes_served < size + 8 * BLOCK_BYTES
