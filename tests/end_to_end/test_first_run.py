"""The first start with nothing set up: what would be downloaded is said, and waits for an answer.

The settings give the catalogue's ids to the hub's small file, with a size that has to be agreed to:
so whichever suits the machine that the test runs on, it is that one.
"""

import signal

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, F2, F8, F9, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, LABEL, OTHER_REPLY, REPO, World
from tests.gguf_models import REPLY

IDS = (
    "qwen3.5-0.8b",
    "qwen3.5-2b",
    "qwen3.5-4b",
    "qwen3.5-9b",
    "qwen3.6-35b-a3b",
    "qwen3.8-27b",
)
OTHER_REPO, OTHER_LABEL = "test/Other-GGUF", "The other one"
OTHER = f"""
[[models]]
id = "other"
repo = "{OTHER_REPO}"
file = "other.gguf"
label = "{OTHER_LABEL}"
"""
OFFER = f"{LABEL} (300 MB) would be downloaded to ~/.cache/huggingface/hub."
ANSWERS = "Enter downloads it · F2 another · n and Enter: not now"


def entry(model_id: str, size: str) -> str:
    return f"""
[[models]]
id = "{model_id}"
repo = "{REPO}"
file = "{FILE}"
label = "{LABEL}"
size = "{size}"
"""


def settings(size: str = "300MB") -> str:
    local = '[local]\nladder = "off"\nleast_speed = 0.0\nmost_prompt_time = 0.0\ndevice = "cpu"\n'
    return local + OTHER + "".join(entry(each, size) for each in IDS)


@pytest.fixture
def fresh(world: World) -> World:
    """A machine on which nothing was answered or downloaded yet, with a key for Claude."""
    world.hub.add_repo(OTHER_REPO, {"other.gguf": world.models / "other.gguf"})
    world.configure(settings())
    return world


def offered(world: World, *arguments: str) -> Terminal:
    """Start and return when the lines are there, and Enter is an answer to them."""
    terminal = world.open(*arguments)
    terminal.wait_for(OFFER)
    terminal.wait_for(ANSWERS)
    terminal.wait_for(lambda each: "Download" in each.footer and "Not now" in each.footer)
    terminal.wait_for(lambda each: each.footer.split()[1] == "Download")
    assert world.hub.requests_of("hub") == []
    return terminal


def leave(terminal: Terminal) -> None:
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    terminal.assert_no_process_left()
    terminal.hang_up()


def answers(terminal: Terminal, question: str, reply: str = REPLY, label: str = LABEL) -> None:
    terminal.send(f"{question}{ENTER}")
    terminal.wait_for_match(rf"▌ {question}\?? .*Local · {label} · [\d.]+ tok/s")
    terminal.wait_for(reply)


def kept(world: World) -> bool:
    return (world.home / ".local/state/shammah/download.json").exists()


def test_enter_agrees_and_the_next_start_asks_nothing(fresh: World) -> None:
    terminal = offered(fresh)
    assert "Claude answers now." in terminal.text
    terminal.send(ENTER)
    terminal.wait_for(f"✓ {LABEL} ready")
    assert OFFER not in terminal.text and "Not now" not in terminal.footer
    answers(terminal, "Who are you")
    leave(terminal)
    again = fresh.start()
    again.wait_for(f"✓ {LABEL} ready")
    assert "would be downloaded" not in again.written.decode()


def test_agreed_to_and_left_in_the_middle_it_goes_on_by_itself(fresh: World) -> None:
    fresh.hub.throttle(1_000_000)
    terminal = offered(fresh)
    terminal.send(ENTER)
    terminal.wait_for_match(rf"Downloading {LABEL} [1-9]\d? %")
    terminal.signal(signal.SIGKILL)
    terminal.assert_no_process_left()
    fresh.hub.throttle(None)
    again = fresh.start()
    again.wait_for(f"✓ {LABEL} ready")
    assert "would be downloaded" not in again.written.decode()


def test_not_now_is_kept_until_the_download_key(fresh: World) -> None:
    terminal = offered(fresh)
    terminal.send(f"n{ENTER}")
    terminal.wait_for(lambda each: "would be downloaded" not in each.text)
    assert f"{LABEL} not downloaded" in terminal.header
    assert terminal.composer == ""
    leave(terminal)
    again = fresh.open()
    again.wait_for("F9 Download")
    again.wait_for(f"{LABEL} not downloaded · Claude answers · F9 download")
    assert "would be downloaded" not in again.written.decode()
    assert fresh.hub.requests_of("hub") == []
    again.send(f"Hello?{ENTER}")
    again.wait_for(CLAUDE_SHOWN)
    again.send(F9)
    again.wait_for(f"✓ {LABEL} ready")
    leave(again)
    third = fresh.start()
    third.wait_for(f"✓ {LABEL} ready")


def test_a_question_is_answered_and_the_lines_stay(fresh: World) -> None:
    terminal = offered(fresh)
    terminal.send(f"n, is that a letter?{ENTER}")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    assert "Claude Sonnet 5.5 · no local model" in terminal.text
    terminal.wait_for(OFFER)
    terminal.wait_for(lambda each: each.footer.split()[1] == "Download")
    assert fresh.hub.requests_of("hub") == []
    terminal.send(ENTER)
    terminal.wait_for(f"✓ {LABEL} ready")
    answers(terminal, "And now")


def test_a_question_and_an_enter_too_many_before_the_first_frame(fresh: World) -> None:
    terminal = fresh.start(typed_ahead=f"Hello?{ENTER}{ENTER}")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    terminal.wait_for(OFFER)
    assert fresh.hub.requests_of("hub") == []
    assert not kept(fresh)


def test_nobody_can_answer_and_nothing_is_lost(fresh: World) -> None:
    del fresh.environment["ANTHROPIC_API_KEY"]
    terminal = offered(fresh)
    assert "Nobody can answer yet: no model is on this machine, no Claude key" in terminal.text
    assert "give a key with /key" in terminal.text
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for("Press F9 to download one, or give a key with /key.")
    terminal.wait_for(lambda each: each.composer == "Hello?")
    terminal.send(F9)
    terminal.wait_for(f"✓ {LABEL} ready")
    terminal.send(ENTER)
    terminal.wait_for(REPLY)


def test_another_one_is_chosen_in_the_list(fresh: World) -> None:
    terminal = offered(fresh)
    terminal.send(F2)
    terminal.wait_for("Use this model")
    terminal.wait_for(REPO)
    assert "F8 Not now F9 Download" in terminal.text
    terminal.send("/")
    terminal.wait_for(lambda each: "By name" not in each.text)
    terminal.send(f"other{ENTER}")
    terminal.wait_for_match(rf"(in use|loading|\d %).*{OTHER_REPO}|✓ {OTHER_LABEL}")
    terminal.send(ESCAPE)
    terminal.wait_for(f"✓ {OTHER_LABEL} ready")
    assert "would be downloaded" not in terminal.text
    answers(terminal, "Who is it", OTHER_REPLY, OTHER_LABEL)
    leave(terminal)
    again = fresh.start()
    again.wait_for(f"✓ {OTHER_LABEL} ready")
    assert not kept(fresh), "the default was not agreed to"


def test_the_key_in_the_footer_says_not_now(fresh: World) -> None:
    terminal = offered(fresh)
    terminal.send(F8)
    terminal.wait_for(lambda each: "would be downloaded" not in each.text)
    assert kept(fresh)


def test_what_is_small_is_downloaded_unasked(fresh: World) -> None:
    fresh.configure(settings("150MB"))
    terminal = fresh.start()
    terminal.wait_for(f"✓ {LABEL} ready")
    assert "would be downloaded" not in terminal.written.decode()
    assert not kept(fresh)


def test_killed_before_the_answer_it_asks_again(fresh: World) -> None:
    terminal = offered(fresh)
    terminal.signal(signal.SIGKILL)
    terminal.assert_no_process_left()
    assert not kept(fresh)
    again = offered(fresh)
    again.send(ENTER)
    again.wait_for(f"✓ {LABEL} ready")


def test_in_plain_mode_it_is_text(fresh: World) -> None:
    terminal = offered(fresh, "--plain")
    drawn = {each for each in terminal.written.decode() if 0x2500 <= ord(each) <= 0x259F}
    assert drawn == set()
    terminal.send(f"n{ENTER}")
    terminal.wait_for(lambda each: "would be downloaded" not in each.text)
