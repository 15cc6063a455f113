"""A server as the local side, from the look-up to its loss, over the loader and the turn."""

from collections.abc import Iterator
from queue import Queue

import pytest

from shammah_tui.adapters.endpoint.engine import EndpointSource, EndpointStarter
from shammah_tui.core.local.generator import (
    Failed,
    GeneratorState,
    LoadCancelled,
    Loading,
    NotAvailable,
    Ready,
    Snapshot,
)
from shammah_tui.core.model.served_model import served_model
from shammah_tui.core.routing.routing import Router
from shammah_tui.core.settings.settings import EndpointSettings
from shammah_tui.core.wording.status import StatusKeys, fit, status_parts
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.model_list import ModelList
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished, Relabelled, Routed
from tests.fakes import FixedProbe
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Plain, delta
from tests.services.turns import claude, events_of

LOCAL = "Local · qwen3.5-9b at 127.0.0.1"


def said(state: GeneratorState) -> str:
    return fit(status_parts(state, StatusKeys(), claude_available=True), 200)


class Bench:
    """A loader whose local side is a server, and every snapshot that it published."""

    def __init__(self, url: str, context_length: int | None = None) -> None:
        self.snapshots: Queue[Snapshot] = Queue()
        model = served_model("127.0.0.1", "")
        self.plan = LoadPlan(model, (model,), context_length=context_length)
        self.source = EndpointSource()
        starter = EndpointStarter(EndpointSettings(url), {})
        self.loader = BootstrapLoader(
            self.plan, self.source, starter, FixedProbe(), self.snapshots.put
        )
        self.loader.start()

    def state(self, kind: type[GeneratorState]) -> GeneratorState:
        while True:
            state = self.snapshots.get(timeout=20).state
            if isinstance(state, kind):
                return state

    def turn(self) -> ChatTurn:
        def local() -> LocalBackend | None:
            active = self.loader.active
            if active is None:
                return None
            ready = active.ready
            return LocalBackend(
                active.engine, ready.model.label, ready.context_length, lease=active.lease
            )

        return ChatTurn(Router(), claude, local, lambda: self.loader.snapshot.state)


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


@pytest.fixture
def bench(server: LoopbackCompletions) -> Iterator[Bench]:
    bench = Bench(server.url)
    yield bench
    bench.loader.close()


async def test_look_up_and_answer(bench: Bench) -> None:
    loading = bench.state(Loading)
    assert said(loading) == "Loading the model at 127.0.0.1…"
    ready = bench.state(Ready)
    assert said(ready) == "✓ qwen3.5-9b at 127.0.0.1 ready"
    routed, *_, finished = await events_of(bench.turn(), "Who are you?")
    assert isinstance(routed, Routed)
    assert isinstance(finished, Finished)
    assert (routed.label, finished.label, finished.text) == (LOCAL, LOCAL, "Hello.")


async def test_a_server_that_goes_away_is_failed_and_claude_takes_over(
    server: LoopbackCompletions, bench: Bench
) -> None:
    bench.state(Ready)
    server.close()
    routed, relabelled, *_, finished = await events_of(bench.turn(), "Who are you?")
    assert isinstance(routed, Routed)
    assert routed.label == LOCAL
    assert isinstance(relabelled, Relabelled)
    assert relabelled.label == "Claude · local engine unreachable"
    assert isinstance(finished, Finished)
    assert finished.text == "Hello from Claude"
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert failed.retryable
    assert failed.reason.startswith("127.0.0.1 cannot be reached: start the server there")
    routed, *_ = await events_of(bench.turn(), "And now?")
    assert isinstance(routed, Routed)
    assert routed.label == "Claude · local model failed"


async def test_it_is_asked_again_when_the_user_wants(
    server: LoopbackCompletions, bench: Bench
) -> None:
    bench.state(Ready)
    server.posts[0] = Plain(401, {})
    await events_of(bench.turn(), "Who are you?")
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert "wants a key" in failed.reason
    server.posts[0] = Events([delta("Back.", "stop"), END])
    bench.loader.retry()
    bench.state(Ready)
    *_, finished = await events_of(bench.turn(), "Who are you?")
    assert isinstance(finished, Finished)
    assert (finished.label, finished.text) == (LOCAL, "Back.")


def test_a_look_up_can_be_cancelled(server: LoopbackCompletions) -> None:
    server.gets["/v1/models"] = Plain(503, {"error": {"message": "Loading model"}})
    bench = Bench(server.url)
    bench.state(Loading)
    bench.loader.cancel()
    state = bench.state(NotAvailable)
    assert isinstance(state, NotAvailable)
    assert isinstance(state.reason, LoadCancelled)
    bench.loader.close()


def test_the_list_has_the_server_and_nothing_to_delete(bench: Bench) -> None:
    models = ModelList(bench.plan, bench.source, lambda: bench.loader.snapshot)
    bench.state(Ready)
    (entry,) = models.entries()
    assert entry.model.label == "qwen3.5-9b at 127.0.0.1"
    assert entry.is_active
    assert (entry.is_here, entry.kept_bytes, entry.choice) == (False, 0, None)


def test_the_settings_bound_the_context(server: LoopbackCompletions) -> None:
    server.gets["/props"] = Plain(content={"default_generation_settings": {"n_ctx": 16_384}})
    bench = Bench(server.url, context_length=8_192)
    ready = bench.state(Ready)
    assert isinstance(ready, Ready)
    assert ready.context_length == 8_192
    bench.loader.close()
