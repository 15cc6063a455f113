"""Two windows of one person: one conversation, one download, one model."""

import subprocess
import sys

from tests.end_to_end.terminal import CTRL_Q, ENTER
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, LABEL, REPO, SLOW_BYTES_PER_S, World

LOCAL = "Hello from your own machine"


def test_nothing_is_fetched_twice_and_nothing_is_lost(world: World) -> None:
    first = world.start_downloading()
    # Not done before both have asked, however busy the machine is.
    world.hub.throttle(SLOW_BYTES_PER_S / 10)
    first.send(f"From the first{ENTER}")
    first.wait_for_reply(CLAUDE_SHOWN)
    second = world.start("--continue", "--model", REPO)
    second.wait_for("From the first")
    second.send(f"From the second{ENTER}")
    second.wait_for_reply(
        f"From the second Claude Sonnet 5.5 · model still downloading {CLAUDE_SHOWN}"
    )
    world.hub.throttle(None)
    for window in (first, second):
        window.wait_for(f"✓ {LABEL} ready")
        window.send(f"And here?{ENTER}")
    for window in (first, second):
        window.wait_for(LOCAL)
        window.send(CTRL_Q)
        assert window.wait_for_exit() == 0
        window.assert_intact()
    size = (world.models / FILE).stat().st_size
    # Twice would be twice; what stood in the sockets when the line became fast counts as served.
    assert world.hub.bytes_served < 1.5 * size
    # One conversation with two branches; both windows' are kept.
    told = _export(world)
    for text in ("From the first", "From the second"):
        assert text in told
    assert told.count("And here?") == 2


def _export(world: World) -> str:
    return subprocess.run(
        [sys.executable, "-m", "shammah_tui", "export", "--format", "json"],
        env=world.environment,
        cwd=world.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
