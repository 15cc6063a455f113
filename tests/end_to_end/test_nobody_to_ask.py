"""Without a key, without a model, without a network: said in plain words, and nothing is lost."""

import pytest

from tests.end_to_end.relay import Relay
from tests.end_to_end.terminal import CTRL_Q, ENTER, F9
from tests.end_to_end.world import LABEL, REPO, World
from tests.gguf_models import REPLY


def test_neither_key_nor_model(world: World) -> None:
    del world.environment["ANTHROPIC_API_KEY"]
    terminal = world.open("--offline")
    terminal.wait_for("Offline: ")
    assert "no Claude key is set" in terminal.text
    assert "no local model here" in terminal.text
    assert "ANTHROPIC_API_KEY is not set" in terminal.text

    terminal.send(f"Is anybody there?{ENTER}")
    terminal.wait_for(
        "No model available: no local model is on this machine and ANTHROPIC_API_KEY is "
        "not set. Go online to download one, or give a key with /key."
    )
    terminal.wait_for(lambda each: each.composer == "Is anybody there?")
    assert not world.api.calls
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_no_key_and_the_model_answers_when_ready(world: World) -> None:
    del world.environment["ANTHROPIC_API_KEY"]
    terminal = world.start_downloading(columns=120)
    assert "no Claude key" in terminal.header
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for("No model available yet: the model is still downloading")
    terminal.wait_for(lambda each: each.composer == "Hello?")
    world.hub.throttle(None)
    terminal.wait_for(f"✓ {LABEL} ready")
    terminal.send(ENTER)
    terminal.wait_for(REPLY)
    terminal.wait_for_match(rf"Local · {LABEL} · [\d.]+ tok/s")


def test_hub_out_of_reach_until_it_is_back(world: World) -> None:
    with Relay(world.hub.url) as relay:
        world.environment["HF_ENDPOINT"] = relay.url
        terminal = world.start("--model", REPO)
        terminal.wait_for("127.0.0.1 cannot be reached", timeout_s=12)
        terminal.wait_for("F9 retry")
        terminal.send(f"Hello?{ENTER}")
        terminal.wait_for("Claude Sonnet 5.5 · local model failed")
        terminal.wait_for("This comes from the far side")
        relay.open()
        terminal.send(F9)
        terminal.wait_for(f"✓ {LABEL} ready")


def test_claude_out_of_reach_and_the_model_answers(world: World) -> None:
    with Relay(world.api.url) as relay:
        world.environment["ANTHROPIC_BASE_URL"] = relay.url
        terminal = world.start_ready()
        # Claude is the one to ask for what is marked by a crisis.
        terminal.send(f"I want to kill myself{ENTER}")
        terminal.wait_for("Local · Claude unreachable")
        terminal.wait_for(REPLY)
        terminal.wait_for("You are not alone.")


@pytest.mark.parametrize("asked", ["@claude Hello?", "@local Hello?"])
def test_a_pin_is_kept(world: World, asked: str) -> None:
    with Relay(world.api.url) as relay:
        world.environment["ANTHROPIC_BASE_URL"] = relay.url
        terminal = world.open("--offline")
        terminal.wait_for("Offline: ")
        terminal.send(f"{asked}{ENTER}")
        terminal.wait_for("cannot answer")
        terminal.wait_for(lambda each: each.composer == asked)
