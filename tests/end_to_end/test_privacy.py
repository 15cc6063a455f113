"""Neither the key, nor a question, nor a reply is in a log, an argument list or an error."""

from tests.end_to_end.terminal import CTRL_A, CTRL_K, CTRL_Q, ENTER, F9, Terminal
from tests.end_to_end.world import KEY, LABEL, World
from tests.gguf_models import REPLY
from tests.loopback.hub_faults import AnswerStatus
from tests.loopback.messages_faults import Drop, StatusFault

TOKEN = "hf_endtoendtoken0123456789"
ASKED = "zanzibar"
ANSWERED = "quetzalcoatl"


def test_nothing_private_is_written_down(world: World) -> None:
    world.environment["HF_TOKEN"] = TOKEN
    world.hub.tokens.add(TOKEN)
    world.api.reply_with(f"The {ANSWERED} flew over the house.")
    terminal = world.start_downloading()
    _ask(terminal, f"Where is {ASKED}?", ANSWERED)
    _assert_no_arguments(world, terminal)

    # Errors that quote: a refusal with the question in it, a reply that breaks off.
    world.api.fail_with(StatusFault(400, "invalid_request_error", f"bad: {ASKED}"))
    terminal.send(f"@claude {ASKED} two{ENTER}")
    terminal.wait_for("Claude refused the request")
    terminal.send(CTRL_A + CTRL_K)
    world.api.fail_with(Drop(2))
    terminal.send(f"{ASKED} three{ENTER}")
    terminal.wait_for("Interrupted")

    # The fetch child dies and the hub has an error on the way.
    (fetch,) = terminal.children("children.fetch")
    fetch.kill()
    terminal.wait_for("✗ Failed")
    world.hub.inject(AnswerStatus(status=503, times=1))
    world.hub.throttle(None)
    terminal.send(F9)
    terminal.wait_for(f"✓ {LABEL} ready")
    _ask(terminal, f"Who is {ASKED}?", REPLY)
    _assert_no_arguments(world, terminal)

    (engine,) = terminal.children("children.llama")
    engine.kill()
    terminal.wait_for("The system stopped the local model")
    terminal.send(CTRL_Q)
    terminal.wait_for_exit()
    terminal.assert_no_process_left()

    logs = world.logs()
    # There is a log, and it says what went wrong.
    assert "exited with -9" in logs
    for secret in (KEY, TOKEN, ASKED, ANSWERED, "flew over", "Hello from your own"):
        assert secret not in logs


def _ask(terminal: Terminal, question: str, answer: str) -> None:
    terminal.send(question + ENTER)
    terminal.wait_for(answer)


def _assert_no_arguments(world: World, terminal: Terminal) -> None:
    processes = [terminal.program, *terminal.children()]
    assert len(processes) >= 2
    for process in processes:
        arguments = " ".join(process.cmdline())
        for secret in (KEY, TOKEN, ASKED, ANSWERED):
            assert secret not in arguments
