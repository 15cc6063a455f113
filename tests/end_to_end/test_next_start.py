"""What the panel remembers for the next start, and adapters, in the real program."""

import json

from gguf import GGMLQuantizationType as Quant

from tests.end_to_end.terminal import CTRL_Q, DOWN, ENTER, ESCAPE, F2, Terminal
from tests.end_to_end.world import FILE, World
from tests.gguf_lora import build_lora
from tests.gguf_models import REPLY, build_model

CHANGED = "machine — ready."
TWO = """
[[models]]
id = "first"
file = "{folder}/{first}"
label = "First"

[[models]]
id = "second"
file = "{folder}/second.gguf"
label = "Second"

[local]
model = ""
"""


def _leave(terminal: Terminal) -> None:
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0


def test_the_model_chosen_in_the_panel_is_the_next_starts(world: World) -> None:
    build_model(world.models / "second.gguf", name="Second")
    world.configure(TWO.format(folder=world.models, first=FILE))
    terminal = world.start("--offline", "--model", "first")
    terminal.wait_for("✓ First ready")
    terminal.send(F2)
    terminal.wait_for("Status")
    # Both stand at the end of the list, the one that replies under the cursor.
    terminal.send(DOWN + ENTER)
    terminal.wait_for("✓ Second ready")
    # It was measured, and the other is estimated from it or was measured itself.
    terminal.wait_for_match(r"● Second .* [\d.]+ tok/s", timeout_s=20)
    terminal.send(ESCAPE)
    _leave(terminal)

    state = world.home / ".local" / "state" / "shammah"
    assert json.loads((state / "model.json").read_text()) == {"model": "second"}
    assert json.loads((state / "speeds.json").read_text())[-1]["device"] == "CPU"
    again = world.start("--offline")
    again.wait_for("✓ Second ready")
    _leave(again)
    named = world.start("--offline", "--model", "first")
    named.wait_for("✓ First ready")
    _leave(named)


def test_a_model_that_is_not_there_any_more_is_told(world: World) -> None:
    gone = build_model(world.models / "gone.gguf")
    state = world.home / ".local" / "state" / "shammah"
    state.mkdir(parents=True)
    (state / "model.json").write_text(json.dumps({"model": str(gone)}))
    gone.unlink()
    terminal = world.start("--offline")
    terminal.wait_for("The model chosen last cannot be used")
    _leave(terminal)


def test_an_adapter_of_the_settings_is_switched_in_the_panel(world: World) -> None:
    lora = build_lora(world.models / "style.gguf", world.models / FILE, "Ġmachine")
    world.configure(f'[local]\nlora = [{{path = "{lora}"}}, {{path = "/nowhere/lost.gguf"}}]\n')
    terminal = world.start_ready(FILE, "--offline")
    terminal.wait_for("lost.gguf")
    terminal.send(f"Who are you?{ENTER}")
    terminal.wait_for(CHANGED)
    assert "Hello" not in terminal.text

    terminal.send(F2)
    terminal.wait_for("Status")
    terminal.send("l")
    terminal.wait_for("[x] style.gguf")
    terminal.wait_for("lost.gguf is not at /nowhere")
    terminal.send(" " + DOWN + " ")
    terminal.wait_for("No LoRA adapter is on")
    terminal.send(ESCAPE + ESCAPE)
    terminal.wait_for("Ask anything")
    terminal.send(f"And without?{ENTER}")
    terminal.wait_for(REPLY)
    _leave(terminal)

    again = world.start_ready(FILE, "--offline")
    again.send(F2)
    again.wait_for("Status")
    again.send("l")
    again.wait_for("[ ] style.gguf")
    again.send(" ")
    again.wait_for("Applied: style.gguf")
    again.send(ESCAPE + ESCAPE)
    _leave(again)


def test_a_quantized_model_replies_also_where_llama_cpps_code_for_amx_crashes(
    world: World,
) -> None:
    build_model(world.models / "quantized.gguf", quant=Quant.Q8_0)
    terminal = world.start_ready("quantized.gguf", "--offline")
    terminal.send(F2)
    # It has read a prompt and lived.
    terminal.wait_for_match(r"● quantized .* [\d.]+ tok/s", timeout_s=60)
    terminal.send(ESCAPE)
    terminal.wait_for("Ask anything")
    terminal.send(f"@local Who are you?{ENTER}")
    terminal.wait_for(REPLY)
    _leave(terminal)
    assert "The engine exited" not in world.logs()
