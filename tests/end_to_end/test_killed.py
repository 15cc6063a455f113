"""Killed without warning, the program leaves no child behind and loses no download."""

import signal

import psutil

from tests.end_to_end.terminal import ENTER, TIMEOUT_S, Terminal
from tests.end_to_end.world import BLOCK_BYTES, FILE, LABEL, REPO, World


def test_program_killed_while_downloading(world: World) -> None:
    terminal = world.start_downloading()
    (fetch,) = terminal.children("children.fetch")
    _kill(terminal, fetch)
    world.hub.throttle(None)
    with world.start("--model", REPO) as again:
        again.wait_for(f"✓ {LABEL} ready")
    size = (world.models / FILE).stat().st_size
    assert world.hub.bytes_served < size + 8 * BLOCK_BYTES


def test_program_killed_while_a_model_is_loaded(world: World) -> None:
    terminal = world.start_ready()
    (engine,) = terminal.children("children.llama")
    _kill(terminal, engine)


def test_program_killed_while_the_model_replies(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("again and again")
    (engine,) = terminal.children("children.llama")
    _kill(terminal, engine)


def _kill(terminal: Terminal, child: psutil.Process) -> None:
    terminal.signal(signal.SIGKILL)
    _, alive = psutil.wait_procs([child], TIMEOUT_S)
    assert not alive
    assert terminal.wait_for_exit() == 128 + signal.SIGKILL
    terminal.assert_no_process_left()
