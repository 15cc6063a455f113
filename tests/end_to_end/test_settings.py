"""The settings file, good and broken, on the screen of the running program."""

from pathlib import Path

import pytest

from tests.end_to_end.terminal import CTRL_O, CTRL_Q, ENTER, ESCAPE, F4, F6, F10, F12
from tests.end_to_end.world import World
from tests.gguf_models import build_model

BROKEN = {
    "a syntax error": ("theme = \n", "config.toml", "line 1"),
    "an unknown key": ("sytem_prompt = 'x'\n", "sytem_prompt is not a setting", "system_prompt"),
    "a bad value": ("[claude]\nmax_tokens = 'many'\n", "[claude] max_tokens", "whole number"),
    "an unknown section": ("[cloud]\nmodel = 'x'\n", "cloud is not a setting", "config.toml"),
    "a bad key": ("[keys]\nstop = 'the red one'\n", "[keys] stop", "must name a key"),
    "an unknown command": ("[keys]\nstopp = 'f4'\n", "stopp is not a setting", "stop"),
    "half a model": ("[[models]]\nid = 'mine'\n", "config.toml", "repo is missing"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_settings_are_named_and_the_program_opens(world: World, what: str) -> None:
    toml, *said = BROKEN[what]
    path = world.configure(toml)
    terminal = world.open("--offline", columns=200)
    terminal.wait_for(str(path))
    for each in said:
        assert each in terminal.text
    terminal.send(f"Does it work?{ENTER}")
    terminal.wait_for("far side")


def test_keys_of_the_settings_work_and_are_shown(world: World) -> None:
    world.configure('[keys]\nstop = "f4"\nmodels = ["ctrl+o", "f12"]\nquit = "f10"\n')
    world.api.hold(after_deltas=2)
    terminal = world.open("--offline", columns=120)
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("This comes")
    terminal.wait_for(lambda each: "F4 Stop" in each.footer)
    assert "^o Models" in terminal.footer
    assert "F10 Quit" in terminal.footer
    terminal.send(CTRL_Q + ESCAPE)
    terminal.send(F4)
    terminal.wait_for("Stopped")
    for key in (CTRL_O, F12):
        terminal.send(key)
        terminal.wait_for("Licence")
        terminal.send(ESCAPE)
        terminal.wait_for(lambda each: "Licence" not in each.text)
    terminal.send(F10)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_system_prompt_and_model_reach_claude(world: World) -> None:
    world.configure('system_prompt = "Be brief."\n[claude]\nmodel = "claude-test-1"\n')
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("far side")
    (call,) = world.api.wait_for_calls(1)
    assert call.body["model"] == "claude-test-1"
    assert "Be brief." in str(call.body["system"])


@pytest.mark.parametrize("thinking", [True, False])
def test_thinking_is_as_the_settings_say(world: World, tmp_path: Path, thinking: bool) -> None:
    path = build_model(tmp_path / "thinks.gguf", thinking="Let me see.", reply="It is blue.")
    world.configure(f"[local]\nthinking = {str(thinking).lower()}\n")
    terminal = world.start_ready(str(path))
    terminal.send(f"@local Which colour?{ENTER}")
    terminal.wait_for("It is blue.")
    terminal.wait_for(lambda each: "Stop" not in each.footer)
    assert ("Thought for" in terminal.text) is thinking
    assert "Let me see" not in terminal.text
    if thinking:
        terminal.send(F6)
        terminal.wait_for("Let me see.")
