"""A model that is fetched to replace one that must leave memory first, from end to end."""

from pathlib import Path

from tests.end_to_end.terminal import ENTER
from tests.end_to_end.world import FILE, LABEL, OTHER_REPLY, REPO, World

OTHER_REPO, OTHER_LABEL = "test/Other-GGUF", "The other one"
# Its control group leaves a process 64 MiB, less than any model needs: no two fit side by side.
LITTLE_ROOM = """
from shammah_tui.adapters.machine import hardware
hardware.ControlGroup.memory_limit = lambda _: hardware.MemoryLimit(2**33, 2**26)
"""
SETTINGS = f"""
[local]
model = "first"

[[models]]
id = "first"
repo = "{REPO}"
file = "{FILE}"
label = "{LABEL}"

[[models]]
id = "second"
repo = "{OTHER_REPO}"
file = "other.gguf"
label = "{OTHER_LABEL}"
"""


def test_it_is_loaded_once_it_has_arrived(world: World, tmp_path: Path) -> None:
    # Python imports it at every start.
    (tmp_path / "sitecustomize.py").write_text(LITTLE_ROOM)
    world.environment["PYTHONPATH"] = str(tmp_path)
    world.configure(SETTINGS)
    world.hub.add_repo(OTHER_REPO, {"other.gguf": world.models / "other.gguf"})
    terminal = world.start()
    terminal.wait_for(f"✓ {LABEL} ready")
    terminal.send(f"/model second{ENTER}")
    terminal.wait_for(f"✓ {OTHER_LABEL} ready")
    # The first had to go before the other could come.
    assert len(terminal.children("shammah_tui.children.llama")) == 1
    terminal.send(f"And now?{ENTER}")
    terminal.wait_for(OTHER_REPLY)
    logs = world.logs()
    assert "ImpossibleChangeError" not in logs
    assert "exited with" not in logs
