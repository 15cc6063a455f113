"""A download that is held up says what it waits for, keeps what it has, and goes on at a key."""

from tests.end_to_end.terminal import F8, F9
from tests.end_to_end.world import BLOCK_BYTES, FILE, LABEL, World
from tests.loopback.hub_faults import AnswerStatus

ASKED_TO_WAIT_S = 110


def test_the_server_asks_to_wait_and_the_user_does_not_want_to(world: World) -> None:
    terminal = world.start_downloading(columns=130)
    busy = AnswerStatus(status=503, headers={"Retry-After": str(ASKED_TO_WAIT_S)})
    world.hub.inject(busy)
    world.hub.cut_connections()
    terminal.wait_for_match(
        r"waiting for the server, which is busy · next try in 1m \d+s · [\d.]+/\d+ MB kept"
    )
    terminal.wait_for("F9 Retry")
    served = world.hub.bytes_served
    assert served > BLOCK_BYTES
    world.hub.throttle(None)
    terminal.send(F9)
    terminal.wait_for(f"✓ {LABEL} ready")
    size = (world.models / FILE).stat().st_size
    assert world.hub.bytes_served < size + 8 * BLOCK_BYTES


def test_cancelled_while_it_waits(world: World) -> None:
    terminal = world.start_downloading(columns=130)
    world.hub.inject(AnswerStatus(status=503, headers={"Retry-After": "110"}))
    world.hub.cut_connections()
    terminal.wait_for("which is busy")
    terminal.send(F8)
    terminal.wait_for_match(r"Cancelled · [\d.]+ of \d+ MB kept · F9 resume")
    world.hub.throttle(None)
    terminal.send(F9)
    terminal.wait_for(f"✓ {LABEL} ready")
