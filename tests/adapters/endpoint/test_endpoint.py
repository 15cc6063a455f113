"""A server as the local side, with llama-cpp-python's own server."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.endpoint.context import DEFAULT_CONTEXT_LENGTH
from shammah_tui.adapters.endpoint.engine import EndpointSource, EndpointStarter
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import (
    ReplyEvent,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.model.served_model import served_model
from shammah_tui.core.protocol.engine_messages import ContextFound, EngineProblem
from shammah_tui.core.settings.settings import EndpointSettings
from shammah_tui.ports import EngineLost, EngineStarter, ModelSource, ReplyOptions
from tests.adapters.endpoints import ASK, GREEDY, PROMPT, Endpoint, text_of
from tests.gguf_models import REPLY, Shape, build_model
from tests.llama_server import LlamaServer

KEY = "sk-box-0123456789"
ENVIRONMENT = {"BOX_KEY": KEY}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("endpoint")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LlamaServer]:
    """A small model behind a key."""
    model = build_model(folder / "small.gguf")
    with LlamaServer(model, folder / "small.log", "Qwen/Qwen3.5-9B", KEY, 1024) as server:
        yield server


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[LlamaServer]:
    """A model that never ends, served under its path."""
    shape = Shape(layers=4, embedding=512, heads=8)
    model = build_model(
        tmp_path / "Endless-Q8.gguf", reply="round and about.", endless=True, shape=shape
    )
    with LlamaServer(model, tmp_path / "endless.log", context_length=32_768) as server:
        yield server


@pytest.fixture
def endpoint(server: LlamaServer) -> Iterator[Endpoint]:
    endpoint = Endpoint(server.url, key_env="BOX_KEY", environment=ENVIRONMENT)
    yield endpoint
    endpoint.engine.stop()


def test_they_are_what_the_ports_ask_for() -> None:
    starter: EngineStarter = EndpointStarter(EndpointSettings("http://127.0.0.1:1"), {})
    source: ModelSource = EndpointSource()
    model = served_model("gpu-box", "qwen3.5-9b")
    assert starter
    assert source.find(model) is not None
    assert (source.kept_bytes(model), source.delete(model)) == (0, 0)


async def test_find_the_only_model_and_reply(endpoint: Endpoint) -> None:
    loaded = endpoint.loaded()
    assert (loaded.name, loaded.device) == ("Qwen/Qwen3.5-9B", "")
    # This server does not tell its context.
    assert loaded.context_length == DEFAULT_CONTEXT_LENGTH
    text, done = await endpoint.ask()
    assert text == REPLY
    assert (done.stop_reason, done.model) == (StopReason.END_TURN, "Qwen3.5-9B at 127.0.0.1")
    assert done.usage.first_token_s is not None
    assert done.usage.first_token_s > 0


async def test_all_of_the_models_samplers_are_taken(endpoint: Endpoint) -> None:
    endpoint.loaded()
    sampling = Sampling(0.7, 0.8, 20, 0.0, 1.5, 1.05, seed=7)
    text, _ = await endpoint.ask(options=ReplyOptions(sampling=sampling))
    assert text == REPLY


async def test_the_reply_is_cut_at_its_bound(endpoint: Endpoint) -> None:
    endpoint.loaded()
    text, done = await endpoint.ask(options=ReplyOptions(3, GREEDY.sampling))
    assert REPLY.startswith(text)
    assert done.stop_reason is StopReason.LENGTH


async def test_a_reply_that_was_cut_is_gone_on_with(endpoint: Endpoint) -> None:
    endpoint.loaded()
    cut, _ = await endpoint.ask(options=ReplyOptions(3, GREEDY.sampling))
    rest, done = await endpoint.ask((*ASK, Message(Role.ASSISTANT, cut)))
    # This model says the same to everything; a real one is asked to go on where it stopped.
    assert rest == REPLY
    assert done.stop_reason is StopReason.END_TURN


async def test_a_model_that_thinks_first(tmp_path: Path) -> None:
    """The template opens the block, and this server neither takes it out nor can be told not to."""
    model = build_model(tmp_path / "think.gguf", thinking="Let me see now", reply="It is blue.")
    with LlamaServer(model, tmp_path / "think.log", context_length=1024) as server:
        endpoint = Endpoint(server.url)
        endpoint.loaded()
        first: list[ReplyEvent] = []
        later: list[ReplyEvent] = []
        for said in (first, later):
            await endpoint.collect(said)
        endpoint.engine.stop()
    # The end of the block tells that there was one; from then on it is known.
    at = first.index(TextWasThought())
    assert (text_of(first[:at]), text_of(first[at:])) == ("Let me see now", "It is blue.")
    assert text_of(later) == "It is blue."
    thought = "".join(event.text for event in later if isinstance(event, ThinkingDelta))
    assert thought == "Let me see now"


@pytest.mark.parametrize("suffix", ["", "/v1"])
@pytest.mark.parametrize("model", ["Qwen/Qwen3.5-9B", "qwen3.5-9b"])
async def test_ways_to_write_the_address_and_the_model(
    server: LlamaServer, suffix: str, model: str
) -> None:
    endpoint = Endpoint(server.url + suffix, model, "BOX_KEY", ENVIRONMENT, 512)
    # The settings bound the context.
    assert endpoint.loaded().context_length == 512
    assert (await endpoint.ask())[0] == REPLY


def test_another_model_is_told_with_the_names_there_are(server: LlamaServer) -> None:
    failed = Endpoint(server.url, "llama-70b", "BOX_KEY", ENVIRONMENT).failed()
    assert failed.sentence == (
        "127.0.0.1 serves no llama-70b: set model under [endpoint] to Qwen/Qwen3.5-9B"
    )


@pytest.mark.parametrize(
    ("key_env", "environment", "problem", "said"),
    [
        ("", {}, EngineProblem.REFUSED, "wants a key: name the variable that holds it"),
        ("BOX_KEY", {"BOX_KEY": "wrong"}, EngineProblem.REFUSED, "refused the key in BOX_KEY"),
        ("BOX_KEY", {}, EngineProblem.UNSUPPORTED, "BOX_KEY, which key_env names, is not set"),
        ("BOX_KEY", {"BOX_KEY": "sk-\N{SNOWMAN}"}, EngineProblem.UNSUPPORTED, "no key has"),
    ],
)
def test_keys(
    server: LlamaServer,
    key_env: str,
    environment: dict[str, str],
    problem: EngineProblem,
    said: str,
) -> None:
    failed = Endpoint(server.url, "", key_env, environment).failed()
    assert failed.problem is problem
    assert said in failed.sentence


async def test_what_is_too_long_is_told_as_that(endpoint: Endpoint) -> None:
    endpoint.loaded()
    with pytest.raises(BackendError, match=r"too long for Qwen3\.5-9B at 127") as failed:
        await endpoint.ask((Message(Role.USER, "Hi there, " * 1000),))
    assert failed.value.problem is BackendProblem.CONTEXT_TOO_LONG
    # Its context is known from then on; the next question is answered, and nothing is lost.
    length = failed.value.context_length
    assert length is not None
    assert endpoint.next_event() == ContextFound(length)
    assert (await endpoint.ask())[0] == REPLY
    assert endpoint.events.empty()


async def test_neither_key_nor_question_is_logged(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "shammah_tui")
    endpoint.loaded()
    await endpoint.ask()
    with pytest.raises(BackendError):
        await endpoint.ask((Message(Role.USER, PROMPT * 1000),))
    assert "endpoint failed" in caplog.text
    assert KEY not in caplog.text
    assert PROMPT not in caplog.text


async def test_closing_the_reply_stops_the_server(endless: LlamaServer) -> None:
    endpoint = Endpoint(endless.url)
    assert endpoint.loaded().name.endswith("Endless-Q8.gguf")
    async with aclosing(endpoint.engine.reply(ASK, GREEDY)) as events:
        said = [await anext(events) for _ in range(3)]
    assert all(isinstance(event, TextDelta) for event in said)
    # Before anything else is asked: another question would interrupt it too.
    await asyncio.to_thread(endless.wait_for_output, "Disconnected from client")
    text, done = await endpoint.ask(options=ReplyOptions(4, GREEDY.sampling))
    assert text
    assert done.stop_reason is StopReason.LENGTH
    assert done.model == "Endless-Q8 at 127.0.0.1"


async def test_a_server_that_dies_is_lost(endless: LlamaServer) -> None:
    endpoint = Endpoint(endless.url)
    endpoint.loaded()
    events: list[ReplyEvent] = []
    with pytest.raises(BackendError, match=r"127\.0\.0\.1 cannot be reached") as failed:
        async for event in endpoint.engine.reply(ASK, GREEDY):
            events.append(event)
            if len(events) == 3:
                endless.kill()
    assert failed.value.problem is BackendProblem.UNREACHABLE
    assert text_of(events)
    assert endpoint.next_event() == EngineLost(str(failed.value))
    # Once is enough, however many questions fail.
    with pytest.raises(BackendError, match="cannot be reached"):
        await endpoint.ask()
    assert endpoint.events.empty()
    # Started again, it finds nobody.
    failed_again = Endpoint(endless.url).failed()
    assert failed_again.problem is EngineProblem.UNREACHABLE
