"""The model panel by keyboard: another model, and deleting one."""

from pathlib import Path

from tests.end_to_end.terminal import (
    CTRL_Q,
    DELETE,
    DOWN,
    ENTER,
    ESCAPE,
    F2,
    F8,
    UP,
    Terminal,
)
from tests.end_to_end.world import LABEL, OTHER_REPLY, REPO, SLOW_BYTES_PER_S, World
from tests.gguf_models import REPLY

OTHER_REPO, OTHER_LABEL = "test/Other-GGUF", "The other one"
SETTINGS = f"""
[[models]]
id = "other"
repo = "{OTHER_REPO}"
file = "other.gguf"
label = "{OTHER_LABEL}"
"""


def test_switch_while_the_present_model_goes_on_then_delete_it(world: World) -> None:
    terminal = _start_with_two(world)
    world.hub.throttle(SLOW_BYTES_PER_S)
    _open_at(terminal, DOWN, OTHER_REPO)
    terminal.send(ENTER)
    terminal.wait_for_match(rf"{OTHER_LABEL} .* [1-9]\d* % unknown")
    _close(terminal)
    terminal.wait_for_match(rf"✓ {LABEL} ready · downloading {OTHER_LABEL} \d+ %")

    terminal.send(f"Who is there?{ENTER}")
    terminal.wait_for(REPLY)
    terminal.wait_for_match(rf"▌ Who is there\? Local · {LABEL} · [\d.]+ tok/s")
    assert f"✓ {LABEL} ready · downloading {OTHER_LABEL}" in terminal.text
    (old,) = terminal.children("children.llama")

    world.hub.throttle(None)
    terminal.wait_for(f"✓ {OTHER_LABEL} ready")
    terminal.wait_for(lambda each: not old.is_running())
    terminal.send(f"And now?{ENTER}")
    terminal.wait_for(OTHER_REPLY)
    terminal.wait_for_match(rf"▌ And now\? Local · {OTHER_LABEL} · [\d.]+ tok/s")

    _open_at(terminal, UP, REPO)
    terminal.send(DELETE)
    question = f"Delete {LABEL} from this disk? It frees 12 MB."
    terminal.wait_for(question)
    terminal.send(ENTER)
    terminal.wait_for(lambda each: question not in each.text)
    assert _blobs(world, "Tiny")
    terminal.send(DELETE)
    terminal.wait_for(question)
    terminal.send("y")
    terminal.wait_for_match(r"Tiny \? \? not here unknown")
    assert not _blobs(world, "Tiny")
    assert _blobs(world, "Other")

    _close(terminal)
    terminal.wait_for(f"✓ {OTHER_LABEL} ready")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()


def test_cancelled_in_the_panel_the_present_model_stays(world: World) -> None:
    terminal = _cancel_the_other(world)
    # Choosing the one that replies ends the matter.
    terminal.send(UP * 30)
    terminal.wait_for(f"{REPO} ")
    terminal.send(ENTER)
    terminal.wait_for(f"✓ {LABEL} ready")
    _close(terminal)
    terminal.send(f"Who is there?{ENTER}")
    terminal.wait_for(REPLY)


def test_cancelled_and_deleted_in_the_panel(world: World) -> None:
    terminal = _cancel_the_other(world)
    terminal.wait_for_match(r"[\d.]+ [kM]B here · F9 resume · d delete")
    assert _blobs(world, "Other")
    terminal.send(DELETE)
    terminal.wait_for_match(f"Delete the partial download of {OTHER_LABEL} from this")
    terminal.send("y")
    terminal.wait_for_match(rf"{OTHER_LABEL} .*? not here unknown")
    assert not _blobs(world, "Other")
    terminal.wait_for("nothing kept")


def _start_with_two(world: World) -> Terminal:
    world.configure(SETTINGS)
    world.hub.add_repo(OTHER_REPO, {"other.gguf": world.models / "other.gguf"})
    terminal = world.start("--model", REPO)
    terminal.wait_for(f"✓ {LABEL} ready")
    return terminal


def _cancel_the_other(world: World) -> Terminal:
    """Choose the other model and cancel its download when some of it has arrived."""
    terminal = _start_with_two(world)
    world.hub.throttle(SLOW_BYTES_PER_S)
    _open_at(terminal, DOWN, OTHER_REPO)
    terminal.send(ENTER)
    terminal.wait_for_match(rf"{OTHER_LABEL} .* [1-9]\d* % unknown")
    terminal.send(F8)
    terminal.wait_for(f"{OTHER_LABEL} cancelled")
    return terminal


def _open_at(terminal: Terminal, direction: str, repo: str) -> None:
    """Open the panel with the cursor on the last or the first model, which is of ``repo``."""
    terminal.send(F2)
    terminal.wait_for("Licence")
    # The table is filled from the disk; the line under it says where the cursor is.
    terminal.wait_for(lambda each: "test/" in each.text)
    terminal.send(direction * 30)
    terminal.wait_for(f"{repo} ")


def _close(terminal: Terminal) -> None:
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: "Licence" not in each.text)


def _blobs(world: World, name: str) -> list[Path]:
    cache = world.home / ".cache" / "huggingface" / "hub"
    return [path for path in cache.glob(f"models--test--{name}-GGUF/blobs/*") if path.is_file()]
