"""A server as the local side, on the screen of the running program."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, F2, F9
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, World
from tests.gguf_models import REPLY
from tests.llama_server import LlamaServer

SERVED_KEY = "sk-box-end-to-end"
ASKED = "zanzibar"


@pytest.fixture
def server(models: Path, tmp_path: Path) -> Iterator[LlamaServer]:
    log = tmp_path / "server.log"
    with LlamaServer(models / FILE, log, "tiny", SERVED_KEY, 4096) as server:
        yield server


def test_a_server_answers_and_goes_away(world: World, server: LlamaServer) -> None:
    world.configure(f'[endpoint]\nurl = "{server.url}"\nkey_env = "BOX_KEY"\n')
    world.environment["BOX_KEY"] = SERVED_KEY
    terminal = world.start(columns=132)
    terminal.wait_for("✓ tiny at 127.0.0.1 ready")
    assert not terminal.children("engine")
    terminal.send(f"Where is {ASKED}?{ENTER}")
    terminal.wait_for_match(rf"▌ Where is {ASKED}\? Local · tiny at 127\.0\.0\.1 .*{REPLY}")
    terminal.wait_for(lambda each: "Stop" not in each.footer)
    assert not world.api.calls

    terminal.send(F2)
    terminal.wait_for("Served by 127.0.0.1")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: "Served by" not in each.text)

    # Asked for a title as well, it would be found dead before the next question.
    terminal.wait_for(lambda _: server.output().count("total time") == 2)
    server.kill()
    terminal.send(f"And {ASKED} now?{ENTER}")
    terminal.wait_for("Claude Sonnet 5.5 · local engine unreachable")
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.wait_for("✗ Failed: 127.0.0.1 cannot be reached")
    assert "F9 retry" in terminal.header
    terminal.send(F9)
    terminal.wait_for("✗ Failed: 127.0.0.1 cannot be reached")

    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_no_process_left()
    logs = world.logs()
    assert "The endpoint failed" in logs
    for secret in (SERVED_KEY, ASKED):
        assert secret not in logs


def test_a_model_on_the_command_line_is_for_this_machine(world: World) -> None:
    world.configure('[endpoint]\nurl = "http://127.0.0.1:9"\n')
    world.start_ready()
