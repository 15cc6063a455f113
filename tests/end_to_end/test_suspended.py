"""Suspended by the shell's user (``kill -TSTP``), then brought back (``fg``)."""

import signal

import psutil

from tests.end_to_end.terminal import CTRL_Q, ENTER
from tests.end_to_end.world import World


def test_the_shell_has_its_terminal_meanwhile_and_nothing_is_lost(world: World) -> None:
    terminal = world.start_downloading()
    terminal.send("Half a quest")
    terminal.wait_for(lambda each: each.composer == "Half a quest")
    program = terminal.program
    for _ in range(2):
        program.send_signal(signal.SIGTSTP)
        terminal.wait_for(lambda _: program.status() == psutil.STATUS_STOPPED)
        # Lines are echoed and edited again, nothing is on that was off.
        terminal.wait_for(lambda each: each.modes == each.modes_before)
        assert terminal.attributes == terminal.attributes_before
        program.send_signal(signal.SIGCONT)
        terminal.wait_for(lambda each: each.composer == "Half a quest")
        terminal.wait_for("Downloading")
    terminal.send(f"ion{ENTER}")
    terminal.wait_for("▌ Half a question")
    terminal.wait_for("far side")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    terminal.assert_no_process_left()
