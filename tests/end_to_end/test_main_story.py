"""The main job, whole: ask at once, Claude answers while the model arrives, then the machine."""

import re

from tests.end_to_end.terminal import BRACKETED_PASTE, CTRL_Q, ENTER, F8, F9, Terminal
from tests.end_to_end.world import (
    BLOCK_BYTES,
    CLAUDE_SHOWN,
    FILE,
    LABEL,
    MODEL_BYTES,
    REPO,
    SLOW_BYTES_PER_S,
    World,
)
from tests.gguf_models import REPLY


def test_ask_at_once_and_come_home(world: World) -> None:
    _tell(world, columns=80, rows=24)


def test_the_same_in_a_wide_window(world: World) -> None:
    _tell(world, columns=132, rows=40)


def _tell(world: World, columns: int, rows: int) -> None:
    world.hub.throttle(SLOW_BYTES_PER_S)
    terminal = world.start("--model", REPO, columns=columns, rows=rows)
    # A burst from before the first frame, and Enter as early as the program can know it from
    # ctrl+j: once it has the terminal.
    terminal.send("What is")
    terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
    terminal.send(" the far side?" + ENTER)

    terminal.wait_for(CLAUDE_SHOWN)
    assert terminal.composer == ""
    assert re.search(r"▌ What is the far side\? Claude Sonnet.* · model (still|not)", terminal.text)
    (first,) = world.api.wait_for_calls(1)
    assert first.body["messages"] == [{"role": "user", "content": "What is the far side?"}]

    before = _percent(terminal)
    terminal.send("And now?" + ENTER)
    label = terminal.wait_for_match(
        r"▌ And now\? Claude Sonnet.* · model still downloading \((\d+) %\)"
    )
    assert before <= int(label[1]) < 100
    filled = _filled(terminal)
    terminal.wait_for(lambda each: _filled(each) > max(filled, columns // 6))
    assert _percent(terminal) > before

    terminal.send(F8)
    cancelled = terminal.wait_for_match(r"Cancelled · (\S+) of 12 MB kept · F9 resume")
    assert not terminal.children("children.fetch")
    served = world.hub.bytes_served
    kept = float(cancelled[1]) * 1e6
    assert 0 < kept <= served < kept + 1e6 + 8 * BLOCK_BYTES

    share = int(100 * kept / MODEL_BYTES)
    terminal.send(F9)
    terminal.wait_for(f"Downloading {LABEL}")
    assert _percent(terminal) >= share
    world.hub.throttle(None)
    terminal.wait_for(f"✓ {LABEL} ready · CPU")
    # What was on its way when the transfer was cancelled is all that came twice.
    size_bytes = (world.models / FILE).stat().st_size
    assert size_bytes <= world.hub.bytes_served < size_bytes + 8 * BLOCK_BYTES

    terminal.send("Who are you?" + ENTER)
    terminal.wait_for(REPLY)
    terminal.wait_for_match(rf"▌ Who are you\? Local · {LABEL} · [\d.]+ tok/s")
    assert len(world.api.calls) == 2

    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    terminal.assert_no_process_left()


def _percent(terminal: Terminal) -> int:
    return int(terminal.wait_for_match(rf"Downloading {LABEL} (\d+) %")[1])


def _filled(terminal: Terminal) -> int:
    """Return how many cells of the progress rule are filled."""
    return len(re.match(r"━*", terminal.screen[1])[0])  # type: ignore[index]
