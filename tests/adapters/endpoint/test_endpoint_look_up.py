"""What comes of asking a server what it has: the model, its context, or one sentence."""

from collections.abc import Iterator
from typing import Any

import pytest

from shammah_tui.adapters.endpoint.context import DEFAULT_CONTEXT_LENGTH
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed
from tests.adapters.endpoints import Endpoint
from tests.loopback.chat_completions import Gone, LoopbackCompletions, Plain, Reaction

PAGE = Plain(content=b"<html>Sign in</html>", kind="text/html")


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


def models(*names: str, **fields: Any) -> Plain:
    return Plain(content={"data": [{"id": name, **fields} for name in names]})


@pytest.mark.parametrize(
    ("reaction", "problem", "said"),
    [
        (PAGE, EngineProblem.REFUSED, "is not an OpenAI-compatible server"),
        (Plain(content=[1, 2]), EngineProblem.REFUSED, "is not an OpenAI-compatible server"),
        (Plain(content={"data": "x"}), EngineProblem.REFUSED, "is not an OpenAI-compatible server"),
        (Plain(content=b"[" * 99_999), EngineProblem.REFUSED, "is not an OpenAI-compatible"),
        (Plain(404, {"detail": "Not Found"}), EngineProblem.REFUSED, "is not an OpenAI-compatible"),
        (Plain(401, {}), EngineProblem.REFUSED, "wants a key"),
        (Plain(403, {}), EngineProblem.REFUSED, "wants a key"),
        (Plain(302, {}, location="http://127.0.0.2/"), EngineProblem.REFUSED, "sends on to"),
        (Plain(502, b"<html>", "text/html"), EngineProblem.UNREACHABLE, "internal error (502)"),
        (Gone(), EngineProblem.REFUSED, "is not an OpenAI-compatible server"),
        (models(), EngineProblem.REFUSED, "serves no model: load one there"),
        (
            models("a", "b\x1b[2J", "c", "d", "e"),
            EngineProblem.REFUSED,
            "serves 5 models: set model under [endpoint] to one of a, b, c, d and 1 more",
        ),
    ],
)
def test_look_ups_that_fail(
    server: LoopbackCompletions, reaction: Reaction, problem: EngineProblem, said: str
) -> None:
    server.gets = {"/v1/models": reaction}
    failed = Endpoint(server.url).failed()
    assert failed.problem is problem
    assert said in failed.sentence
    assert "127.0.0.1" in failed.sentence
    assert failed.sentence.isprintable()


def test_a_server_that_is_not_there() -> None:
    with LoopbackCompletions() as server:
        gone = server.url
    failed = Endpoint(gone).failed()
    assert failed == LoadFailed(
        EngineProblem.UNREACHABLE,
        "127.0.0.1 cannot be reached: start the server there, or correct url under [endpoint]",
    )


def test_http_where_https_was_meant(server: LoopbackCompletions) -> None:
    failed = Endpoint(server.url.replace("http", "https")).failed()
    assert "over HTTPS" in failed.sentence


def test_a_proxy_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "nonsense://")
    failed = Endpoint("http://gpu-box.invalid").failed()
    assert failed.problem is EngineProblem.UNSUPPORTED
    assert failed.sentence.startswith("HTTP_PROXY names a proxy of a kind that cannot be used")


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://user:secret@127.0.0.1:9")
    failed = Endpoint("http://gpu-box.invalid").failed()
    assert failed.problem is EngineProblem.UNREACHABLE
    assert "through the proxy 127.0.0.1:9, which ALL_PROXY names" in failed.sentence


def test_certificates_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    failed = Endpoint("https://gpu-box.invalid").failed()
    assert failed.sentence.startswith("The certificates that SSL_CERT_FILE names cannot be read")


async def test_certificates_are_not_needed_without_tls(
    server: LoopbackCompletions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    assert (await endpoint.ask())[0] == "Hello."


@pytest.mark.parametrize(
    ("key", "slip"),
    [("a\nb", "a line end"), ("a b", "a blank"), ("kéy", "letters that no key has")],
)
def test_a_key_that_cannot_be_sent_is_named(key: str, slip: str) -> None:
    failed = Endpoint("http://127.0.0.1:9", key_env="BOX", environment={"BOX": key}).failed()
    assert (
        failed.sentence
        == f"BOX has {slip}{'' if 'letters' in slip else ' in it'}: copy it again, then start again"
    )


async def test_a_key_is_sent_without_what_copying_left_around_it(
    server: LoopbackCompletions,
) -> None:
    endpoint = Endpoint(server.url, key_env="BOX", environment={"BOX": ' "k-123"\r\n'})
    endpoint.loaded()
    await endpoint.ask()
    assert {each.headers["authorization"] for each in server.requests} == {"Bearer k-123"}


async def test_a_proxy_is_not_asked_for_this_machine(
    server: LoopbackCompletions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    assert (await endpoint.ask())[0] == "Hello."


def test_it_waits_while_the_server_loads(server: LoopbackCompletions) -> None:
    loading = Plain(503, {"error": {"message": "Loading model", "type": "unavailable_error"}})
    answers = [loading, models("late")]
    server.gets["/v1/models"] = lambda: answers.pop(0)
    assert Endpoint(server.url).loaded().name == "late"


def test_nothing_is_told_after_the_stop(server: LoopbackCompletions) -> None:
    server.gets["/v1/models"] = Plain(503, {"error": "loading model"})
    endpoint = Endpoint(server.url)
    with server.changed:
        assert server.changed.wait_for(lambda: server.requests, 20)
    endpoint.engine.stop()
    server.gets["/v1/models"] = models("late")
    Endpoint(server.url).loaded()
    assert endpoint.events.empty()


@pytest.mark.parametrize(
    ("gets", "length"),
    [
        ({"/v1/models": models("m", max_model_len=32_768)}, 32_768),
        ({"/props": Plain(content={"default_generation_settings": {"n_ctx": 16_384}})}, 16_384),
        ({"/api/ps": Plain(content={"models": [{"name": "m", "context_length": 8_192}]})}, 8_192),
        ({"/api/v0/models": models("m", loaded_context_length=999)}, 999),
        ({"/props": Plain(content={"default_generation_settings": {"n_ctx": True}})}, None),
        ({"/api/ps": Plain(content={"models": [{"name": ["m"]}]})}, None),
        ({"/props": Gone()}, None),
    ],
)
def test_where_servers_tell_their_context(
    server: LoopbackCompletions, gets: dict[str, Reaction], length: int | None
) -> None:
    server.gets = {"/v1/models": models("m"), **gets}
    assert Endpoint(server.url).loaded().context_length == (length or DEFAULT_CONTEXT_LENGTH)


@pytest.mark.parametrize("wanted", ["qwen3.5", "Qwen3.5:latest"])
def test_how_people_write_ollamas_names(server: LoopbackCompletions, wanted: str) -> None:
    server.gets["/v1/models"] = models("qwen3.5:latest", "qwen3.5:9b")
    assert Endpoint(server.url, wanted).loaded().name == "qwen3.5:latest"


def test_a_model_for_embeddings_is_no_choice(server: LoopbackCompletions) -> None:
    server.gets["/v1/models"] = models("text-embedding-nomic-embed-text-v1.5", "qwen")
    assert Endpoint(server.url).loaded().name == "qwen"


async def test_an_api_without_v1(server: LoopbackCompletions) -> None:
    server.gets = {"/models": models("m")}
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    await endpoint.ask()
    assert server.asked("/chat/completions")
