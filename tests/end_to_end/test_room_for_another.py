"""A model that is fetched to replace one that must leave memory first, from end to end."""

from tests.end_to_end.terminal import ENTER
from tests.end_to_end.world import FILE, LABEL, OTHER_REPLY, REPO, World

OTHER_REPO, OTHER_LABEL = "test/Other-GGUF", "The other one"
# So long a context, at two bytes a value, that by the figures two do not fit beside each other.
SETTINGS = f"""
[local]
model = "first"
context_length = 131072
kv_type = "f16"

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


def test_it_is_loaded_once_it_has_arrived(world: World) -> None:
    world.configure(SETTINGS)
    world.hub.add_repo(OTHER_REPO, {"other.gguf": world.models / "other.gguf"})
    terminal = world.start()
    terminal.wait_for(f"✓ {LABEL} ready")
    terminal.send(f"/model second{ENTER}")
    terminal.wait_for(f"✓ {OTHER_LABEL} ready")
    terminal.send(f"And now?{ENTER}")
    terminal.wait_for(OTHER_REPLY)
    logs = world.logs()
    assert "ImpossibleChangeError" not in logs
    assert "exited with" not in logs
