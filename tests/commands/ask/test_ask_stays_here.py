"""``shammah ask``: what was marked to stay here is not in what a later question sends to Claude."""

import pytest

from tests.commands.ask_runs import AskRuns
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Request, delta

SECRET = "zanzibar"


def repeat(request: Request) -> Events:
    """A local side that repeats whatever it was told."""
    told = " ".join(message["content"] for message in request.body["messages"])
    return Events([delta(told), delta(finish_reason="stop"), END])


@pytest.mark.parametrize("more", [(), ("--no-store",)])
def test_a_conversation_that_goes_on_leaves_it_out(asks: AskRuns, more: tuple[str, ...]) -> None:
    with LoopbackCompletions() as server:
        server.posts.appendleft(repeat)
        server.posts.pop()
        asks.configure(f'[endpoint]\nurl = "{server.url}"\n')
        assert asks.run("ask", f"@local: {SECRET}").status == 0
        assert asks.run("ask", "-c", "And then?").status == 0
        assert SECRET in asks.kept()[0][-1]["text"]
        assert not asks.api.calls
        assert asks.run("ask", "-c", "--claude", *more, "What now?").status == 0
    # Nobody is there to answer it here: then Claude is asked, or nobody.
    assert asks.run("ask", "-c", *more, "And now?").status == 0
    assert asks.run("ask", "-c", *more, f"＠local, {SECRET}").status != 0
    assert len(asks.api.calls) == 2
    for call in asks.api.calls:
        assert SECRET.encode() not in call.raw
        assert b"now?" in call.raw


@pytest.mark.parametrize("text", [f"@local: {SECRET}", f"@local.\n{SECRET}", f"> @local {SECRET}"])
@pytest.mark.parametrize("is_piped", [False, True])
def test_nor_does_a_mark_with_a_sign_behind_it_leave(
    asks: AskRuns, text: str, is_piped: bool
) -> None:
    said = asks.run("ask", "Explain", piped=text) if is_piped else asks.run("ask", text)
    assert (said.status, said.output) == (3, "")
    assert not asks.api.calls
