"""What the engine child says, against the real llama.cpp."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    ModelLoaded,
    PromptProgressed,
    ReplyDelta,
    ReplyFailed,
    ReplyFinished,
)
from tests.engine_child import GREEDY, EngineChild, user
from tests.gguf_models import END_OF_TEXT, REPLY, build_model

LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def child(models: Path) -> Iterator[EngineChild]:
    """One child for all tests that leave it as it was: idle, whatever is in its cache."""
    with EngineChild(build_model(models / "small.gguf"), context_length=1024) as child:
        assert child.wait_for(ModelLoaded).context_length == 1024
        yield child


@pytest.mark.parametrize(
    "sampling",
    [
        GREEDY,
        Sampling(temperature=1.0, top_p=1.0, top_k=20, presence_penalty=2.0),
        Sampling(temperature=0.7, top_p=0.8, top_k=20, repeat_penalty=1.05, seed=7),
        Sampling(temperature=0.6, top_p=0.95, top_k=0, min_p=0.05, presence_penalty=1.5),
    ],
)
def test_the_reply_comes_whole_and_its_end_token_is_not_shown(
    child: EngineChild, sampling: Sampling
) -> None:
    child.ask(user("Hi!"), sampling=sampling)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.stop_reason is StopReason.END_TURN
    assert end.reply_tokens == 8
    assert end.tokens_per_s is not None and end.tokens_per_s > 0
    assert end.first_token_s is not None and end.first_token_s > 0


def test_a_seed_repeats_and_its_absence_varies(models: Path) -> None:
    # At this temperature the chain falls apart, so that the draw decides.
    wild = {"temperature": 60.0, "top_p": 1.0, "top_k": 0}
    with EngineChild(build_model(models / "wild.gguf")) as child:

        def say(seed: int | None) -> str:
            child.ask(user("Hi!"), sampling=Sampling(**wild, seed=seed), max_tokens=40)  # type: ignore[arg-type]
            return child.rest_of_reply()[0]

        assert say(5) == say(5)
        assert say(5) != say(6)
        assert say(None) != say(None)


def test_penalties_reach_the_sampler(models: Path) -> None:
    """An endless chain under greedy decoding repeats itself, unless repeating costs too much."""
    model = build_model(models / "cycle.gguf", reply="one two three", loop=True)
    with EngineChild(model) as child:
        child.ask(user("Hi!"), max_tokens=12)
        plain, _ = child.rest_of_reply()
        child.ask(
            user("Hi!"), max_tokens=12, sampling=Sampling(temperature=0, presence_penalty=200.0)
        )
        penalized, _ = child.rest_of_reply()
    assert plain == "one two threeone two threeone two threeone two three"
    assert penalized.startswith("one two three")
    assert penalized.count("one") == 1


def test_a_reply_that_repeats_itself_is_ended_with_a_word(models: Path) -> None:
    model = build_model(models / "loop.gguf", reply="I am here to help you. ", loop=True)
    with EngineChild(model) as child:
        child.ask(user("Hi!"))
        text, end = child.rest_of_reply()
        assert end.stop_reason is StopReason.REPEATED
        assert 150 <= end.reply_tokens <= 220
        assert text.startswith("I am here to help you. " * 3)
        # Also where it goes round in its thoughts.
    model = build_model(models / "muse.gguf", thinking="wait and see, wait once more, ", loop=True)
    with EngineChild(model) as child:
        child.ask(user("Hi!"), enable_thinking=True)
        assert child.rest_with_thought()[2].stop_reason is StopReason.REPEATED


def test_the_end_of_text_token_ends_a_reply_too(models: Path) -> None:
    with EngineChild(build_model(models / "eot.gguf", end=END_OF_TEXT)) as child:
        child.ask(user("Hi!"))
        text, end = child.rest_of_reply()
    assert (text, end.stop_reason) == (REPLY, StopReason.END_TURN)


@pytest.mark.parametrize(
    "reply",
    [
        "  two spaces first",
        "\n\tA tab on a second line",
        "Text, then a list:\n\n- one\n- two\n\n```python\nprint('x')\n```\n",
        "Grüße, 世界! 👩‍🚀 ready",
        "trailing spaces   ",
    ],
)
def test_no_blank_is_lost(models: Path, reply: str) -> None:
    with EngineChild(build_model(models / "blank.gguf", reply=reply)) as child:
        child.ask(user("Hi!"))
        text, _ = child.rest_of_reply()
    assert text == reply


def test_no_delta_has_half_a_character(models: Path) -> None:
    pieces = [b"caf\xc3", b"\xa9 \xe2", b"\x82", b"\xac \xf0\x9f", b"\x91\xa9 ok"]
    with EngineChild(build_model(models / "cut.gguf", reply=pieces)) as child:
        child.ask(user("Hi!"))
        text, _ = child.rest_of_reply()
        # Cut by the limit in the middle of a character: the half stays out.
        child.ask(user("Hi!"), max_tokens=2)
        cut, end = child.rest_of_reply()
    assert text == "café € 👩 ok"
    assert cut == "café "
    assert end.stop_reason is StopReason.LENGTH


def test_control_tokens_in_the_middle_are_not_shown_and_do_not_end_it(models: Path) -> None:
    model = build_model(models / "control.gguf", reply=[b"One", b"<|im_start|>", b" two"])
    with EngineChild(model) as child:
        child.ask(user("Hi!"))
        text, end = child.rest_of_reply()
    assert (text, end.reply_tokens) == ("One two", 3)


def test_the_whole_history_is_in_the_prompt(child: EngineChild) -> None:
    history = (
        Message(Role.SYSTEM, "Be brief."),
        *user("First question"),
        Message(Role.ASSISTANT, "First reply"),
        *user("Second question"),
    )
    sizes = []
    for length in range(1, 5):
        child.ask(history[:length])
        sizes.append(child.rest_of_reply()[1].prompt_tokens)
    assert sizes == sorted(set(sizes))


def test_a_conversation_is_not_read_again(child: EngineChild) -> None:
    first = (Message(Role.SYSTEM, LONG_TEXT * 5), *user("Hello, how are you today?"))
    child.ask(first)
    text, end = child.rest_of_reply()
    second = (*first, Message(Role.ASSISTANT, text), *user("And tomorrow?"))
    child.ask(second)
    _, second_end = child.rest_of_reply()
    # Only the mark of not thinking, which the template adds for the reply under way, is new.
    mark = 4
    assert second_end.reused_tokens == end.prompt_tokens - mark
    child.ask(second)
    _, again = child.rest_of_reply()
    assert again.reused_tokens == again.prompt_tokens - 1
    child.ask((Message(Role.SYSTEM, "Another"), *user("conversation")))
    text, end = child.rest_of_reply()
    assert end.reused_tokens < 8
    assert text == REPLY


def test_reading_a_prompt_is_reported(child: EngineChild) -> None:
    child.ask(user("Something new. " + LONG_TEXT * 20))
    reports: list[PromptProgressed] = []
    for event in child.events():
        if isinstance(event, ReplyFinished):
            end = event
            break
        if isinstance(event, PromptProgressed):
            reports.append(event)
    done = [report.done_tokens for report in reports]
    assert done == sorted(set(done))
    assert len(done) >= 2
    assert done[-1] == reports[0].total_tokens == end.prompt_tokens


def test_max_tokens_cuts_and_nothing_else_does(models: Path) -> None:
    model = build_model(models / "endless.gguf", endless=True, reply="round and about, ")
    with EngineChild(model, context_length=256) as child:
        child.ask(user("Hi!"), max_tokens=5)
        _, end = child.rest_of_reply()
        assert (end.stop_reason, end.reply_tokens) == (StopReason.LENGTH, 5)
        child.ask(user("Hi!"), max_tokens=0)
        text, end = child.rest_of_reply()
        assert (text, end.stop_reason) == ("", StopReason.LENGTH)
        assert (end.tokens_per_s, end.first_token_s) == (None, None)
        child.ask(user("Hi!"), max_tokens=None)
        _, end = child.rest_of_reply()
        assert end.stop_reason is StopReason.CONTEXT_FULL
        assert end.prompt_tokens + end.reply_tokens == 256
        # A full context is no obstacle to the next question.
        child.ask(user("What now?"), max_tokens=3)
        assert child.rest_of_reply()[1].reply_tokens == 3


def test_a_prompt_longer_than_the_context_is_refused_with_the_numbers(child: EngineChild) -> None:
    child.ask(user(LONG_TEXT * 200))
    failed = child.wait_for(ReplyFailed)
    assert failed.problem is EngineProblem.CONTEXT_TOO_LONG
    assert "1,024" in failed.sentence
    child.ask(user("Hi!"))
    assert child.rest_of_reply()[0] == REPLY


def test_the_context_is_not_longer_than_the_model_was_trained_for(models: Path) -> None:
    model = build_model(models / "short.gguf", context_length=512)
    with EngineChild(model, context_length=8192) as child:
        assert child.wait_for(ModelLoaded).context_length == 512


def test_a_conversation_that_the_template_refuses_fails_and_the_next_works(models: Path) -> None:
    template = (
        "{%- if 'a secret' in messages[0].content %}{{ raise_exception('not this: ' +"
        " messages[0].content) }}{% endif %}{{ '<|im_start|>assistant\n' }}"
    )
    log_path = models / "refused.log"
    model = build_model(models / "refusing.gguf", chat_template=template)
    with EngineChild(model, log_path=log_path) as child:
        child.ask((Message(Role.SYSTEM, "a secret"), *user("Hi!")))
        assert child.wait_for(ReplyFailed).problem is EngineProblem.INTERNAL
        child.ask(user("Hi!"), id_=2)
        assert child.rest_of_reply()[0] == REPLY
    assert "a secret" not in log_path.read_text()


def test_requests_are_answered_in_order_and_prompts_stay_out_of_the_log(models: Path) -> None:
    log_path = models / "queue.log"
    with EngineChild(build_model(models / "queue.gguf"), log_path=log_path) as child:
        for id_ in (1, 2, 3):
            child.ask(user(f"Zanzibar {id_}"), id_=id_)
        child.write(b'{"type":"RequestReply","messages":"Zanzibar"}\nZanzibar\n')
        child.ask(user("Zanzibar 4"), id_=4)
        ended = (event.id for event in child.events() if isinstance(event, ReplyFinished))
        assert [*takewhile(lambda id_: id_ != 4, ended)] == [1, 2, 3]
    log = log_path.read_text()
    assert "llama_context" in log
    assert "Zanzibar" not in log


def test_fast_replies_come_in_few_pieces(models: Path) -> None:
    model = build_model(models / "fast.gguf", endless=True, reply="round and about, ")
    with EngineChild(model) as child:
        child.ask(user("Hi!"), max_tokens=1000)
        deltas, end = 0, None
        for event in child.events():
            if isinstance(event, ReplyFinished):
                end = event
                break
            deltas += isinstance(event, ReplyDelta)
    # By its own pace: how fast another one would be, nobody knows on a busy machine.
    assert end is not None
    assert end.tokens_per_s is not None
    assert deltas <= 30 * 1000 / end.tokens_per_s * 2 + 2
