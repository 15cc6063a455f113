"""The hub and the stand-in for Claude, asked by the program's own fetch child and SDK."""

from pathlib import Path

import httpx2
import pytest

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.commands.demo.hub import REPO, DemoHub
from shammah_tui.commands.demo.stand_in import MODEL, StandIn
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import ReplyDone, StopReason, TextDelta
from shammah_tui.core.wording.commands import DEMO_QUESTIONS
from shammah_tui.core.wording.labels import claude_name
from shammah_tui.ports import ReplyOptions

CONTENT = bytes(range(256)) * 1000


@pytest.mark.parametrize("question", [*DEMO_QUESTIONS, "Anything else?"])
async def test_the_stand_in_says_first_what_it_is(question: str) -> None:
    stand_in = StandIn()
    with stand_in.serving():
        told = {"ANTHROPIC_API_KEY": "sk-ant-none", "ANTHROPIC_BASE_URL": stand_in.url}
        claude = Claude(MODEL, 1000, told)
        prompt = (Message(Role.USER, question),)
        events = [each async for each in claude.reply(prompt, ReplyOptions())]
        await claude.aclose()
    text = "".join(each.text for each in events if isinstance(each, TextDelta))
    assert "stand-in's canned text" in text[:35]
    done = events[-1]
    assert isinstance(done, ReplyDone)
    assert done.stop_reason is StopReason.END_TURN
    assert claude_name(done.model) == "Claude (stand-in)"


def test_what_is_no_question_is_refused_by_the_stand_in() -> None:
    stand_in = StandIn()
    with stand_in.serving():
        for answer in (
            httpx2.get(f"{stand_in.url}/v1/models"),
            httpx2.post(f"{stand_in.url}/v1/messages", json={"messages": []}),
        ):
            assert answer.status_code == 404
            assert answer.json()["error"]["type"] == "not_found_error"


@pytest.mark.parametrize(
    ("span", "sent", "told"),
    [
        ("bytes=0-9", CONTENT[:10], "bytes 0-9/256000"),
        ("bytes=100000-", CONTENT[100_000:], "bytes 100000-255999/256000"),
        ("", CONTENT, None),
    ],
)
def test_the_hub_sends_what_is_asked_for(
    span: str, sent: bytes, told: str | None, tmp_path: Path
) -> None:
    (tmp_path / "it.gguf").write_bytes(CONTENT)
    hub = DemoHub(tmp_path / "it.gguf", 1e9)
    with hub.serving():
        headers = {"Range": span} if span else {}
        answer = httpx2.get(f"{hub.url}/{REPO}/resolve/main/it.gguf", headers=headers)
        assert httpx2.get(f"{hub.url}/api/models/another/one").status_code == 404
    assert answer.content == sent
    assert answer.headers.get("Content-Range") == told
