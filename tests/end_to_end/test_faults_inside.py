"""A fault in the program itself: what a worker's costs, and what is told of one that ends it."""

import sys

from tests.end_to_end.terminal import ENTER, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World

SECRET, PASSWORD = "sk-ant-SECRET-0123456789", "hunterSECRETpw"
F1 = "\x1bOP"
BROKEN = """
import sys
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.turn_controller import TurnController

def fail(self, *_):
    secret, proxy = {secret!r}, "socks5://bob:{password}@proxy.example:1"
    raise ValueError(f"Unknown scheme for {{proxy}} with {{secret}}")

async def fail_once(self, text):
    TurnController._ask = ask
    fail(self)

ask = TurnController._ask
{what}
sys.argv = ["shammah", "--offline"]
from shammah_tui.__main__ import main
sys.exit(main())
"""


def start(world: World, what: str) -> Terminal:
    world.environment["ALL_PROXY"] = f"socks5://bob:{PASSWORD}@127.0.0.1:9"
    world.environment["NO_PROXY"] = "127.0.0.1,localhost"
    code = BROKEN.format(what=what, secret=SECRET, password=PASSWORD)
    command = [sys.executable, "-c", code]
    terminal = world.stack.enter_context(
        Terminal(command, world.environment, world.home.parent, 110, 30)
    )
    terminal.wait_for("Ask anything")
    return terminal


def assert_nothing_secret(world: World, terminal: Terminal) -> None:
    told = terminal.written.decode(errors="replace") + world.logs()
    assert SECRET not in told
    assert PASSWORD not in told


def test_a_crash_is_one_sentence_with_the_logs_name(world: World) -> None:
    terminal = start(world, "ShammahApp.action_help = fail")
    terminal.send(f"@claude Hello{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.send(F1)
    terminal.wait_for("[shell] status 1")
    said = "Something went wrong inside (ValueError);"
    terminal.wait_for(said)
    assert "shammah.log says more" in terminal.written.decode().replace("\r\n", "")
    assert "Traceback" not in terminal.written.decode()
    assert ", in fail" in world.logs()
    assert_nothing_secret(world, terminal)


def test_a_worker_that_fails_ends_neither_the_app_nor_the_conversation(world: World) -> None:
    terminal = start(world, "TurnController._ask = fail_once")
    terminal.send(f"@claude Hello{ENTER}")
    terminal.wait_for("Something went wrong inside (ValueError)")
    terminal.send(f"@claude Hello{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    assert ", in fail" in world.logs()
    assert_nothing_secret(world, terminal)


def test_parts_that_cannot_be_made_are_one_sentence(world: World) -> None:
    terminal = start(
        world, "from shammah_tui.ui.frame.startup import Startup\nStartup.import_and_make = fail"
    )
    terminal.wait_for("[shell] status 1")
    assert "Something went wrong inside (ValueError);" in terminal.written.decode()
    assert_nothing_secret(world, terminal)


def test_a_command_that_fails_inside_is_one_sentence(world: World) -> None:
    what = "import shammah_tui.cli\nshammah_tui.cli._run_command = fail"
    code = BROKEN.format(what=what, secret=SECRET, password=PASSWORD)
    command = [sys.executable, "-c", code.replace('"--offline"', '"ask", "Hi"')]
    terminal = world.stack.enter_context(
        Terminal(command, world.environment, world.home.parent, 110, 30)
    )
    terminal.wait_for("[shell] status 1")
    assert "Something went wrong inside (ValueError);" in terminal.written.decode()
    assert "Traceback" not in terminal.written.decode()
    assert_nothing_secret(world, terminal)
