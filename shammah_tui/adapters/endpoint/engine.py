"""A server as an engine: looking it up is the loading, and then it replies."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shammah_tui.adapters.endpoint.answers import EndpointError, read, reply_error
from shammah_tui.adapters.endpoint.client import Clients
from shammah_tui.adapters.endpoint.context import ServedContext
from shammah_tui.adapters.endpoint.server import (
    Server,
    StillLoadingError,
    context_of,
    find_server,
)
from shammah_tui.adapters.endpoint.stream import END, CompletionStream, completion_request
from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.reply import ReplyDone, ReplyEvent, StopReason, Warming
from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.model.served_model import host_of, served_model
from shammah_tui.core.protocol.engine_messages import (
    ContextFound,
    EngineEvent,
    EngineProblem,
    LoadFailed,
    LoadModel,
    ModelLoaded,
)
from shammah_tui.core.protocol.fetch_messages import FetchEvent
from shammah_tui.core.routing.context_window import estimate_tokens
from shammah_tui.core.routing.messages_request import messages_request
from shammah_tui.core.settings.settings import EndpointSettings
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.secrets import slip_in, tidied
from shammah_tui.core.wording.server import NOT_ANSWERED, ServerWords
from shammah_tui.core.wording.unanswered import NO_QUESTION
from shammah_tui.ports import ChildExited, EngineLost, Fetch, ReplyOptions

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

LOADING_PAUSE_S = 1.0
"""How long to wait before asking a server again that loads its model yet."""

LOOK_AGAIN_S = 1.0
"""The end of a reply waits no longer for what the server tells of its context then."""

OnEvent = Callable[[EngineEvent | ChildExited | EngineLost], None]


class EndpointStarter:
    """Makes engines of the server in the settings."""

    def __init__(self, settings: EndpointSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment

    def start(
        self,
        job: LoadModel,
        on_event: OnEvent,
        label: str = "",  # noqa: ARG002 - the port's name
    ) -> "EndpointEngine":
        """Begin to look it up; ``job.context_length``, unless 0, bounds what the server tells.

        ``on_event`` is given ``ModelLoaded`` or ``LoadFailed`` on another thread, and
        ``EngineLost`` on the loop's when the server can later not be asked any more.
        """
        return EndpointEngine(self._settings, self._environment, job.context_length, on_event)


class EndpointEngine:
    """One server, asked again each time by whoever starts it again.

    ``context_length`` bounds what the server tells, unless it is 0.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        environment: Mapping[str, str],
        context_length: int,
        on_event: OnEvent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._key = tidied(environment.get(settings.key_env, "")) if settings.key_env else ""
        self._context = ServedContext(context_length)
        self._on_event = on_event
        self._clock = clock
        self._is_over = threading.Event()
        self._clients: Clients | None = None
        self._server: Server | None = None
        self._takes_extras = True
        # By whether the model was to think, for that decides what the chat template opens.
        self._begins_inside = {False: False, True: False}
        self._words = ServerWords(plain(host_of(settings.url)), key_env=settings.key_env)
        threading.Thread(target=self._load, name="look up endpoint", daemon=True).start()

    def stop(self) -> None:
        """Tell nothing of the server any more; replies under way are for their readers to close."""
        self._is_over.set()

    def set_loras(self, loras: Sequence[Lora]) -> None:
        """Do nothing: what a server has laid over its weights is its own affair."""

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply; closing the iterator closes the connection, which stops the server.

        The rest of a cut reply is asked for in words, for the API has no way to continue one; a
        thought that was cut begins anew.

        Raises:
            BackendError: ``UNREACHABLE`` when the server is gone, ``BAD_KEY``,
                ``CONTEXT_TOO_LONG``, ``RATE_LIMITED``, ``OVERLOADED``, ``NOT_READY`` when it says
                so, ``SERVER_ERROR`` when it fails otherwise, ``REFUSED`` for what is left.
        """
        clients, server = self._clients, self._server
        if clients is None or server is None:
            raise BackendError(BackendProblem.NOT_READY, NOT_ANSWERED)
        messages = messages_request(conversation)
        if not messages.turns:
            raise BackendError(BackendProblem.REFUSED, NO_QUESTION)
        import httpx2  # Imported by the thread that found the server.

        thinks = options.enable_thinking
        stream = CompletionStream(
            self._words,
            self._key,
            self._clock(),
            self._clock,
            begins_inside=self._begins_inside[thinks],
        )
        bodies = [
            completion_request(server, messages, options, extras=extras)
            for extras in ((True, False) if self._takes_extras else (False,))
        ]
        try:
            async with clients.for_replies() as client:
                response = await self._open(client, server, bodies)
                try:
                    async for event in httpx2.EventSource(response):
                        if event.data.strip() == END:
                            stream.end()
                            break
                        if event.data:
                            for delta in stream.take(event.data):
                                yield delta
                            if stream.repeats_itself:
                                break
                except (httpx2.ReadError, httpx2.RemoteProtocolError):
                    if stream.has_begun and not stream.is_whole:
                        raise
                finally:
                    await response.aclose()
            if not stream.has_begun:
                raise await self._why_nothing(clients, server, bodies[-1])
            for delta in stream.rest():
                yield delta
            self._begins_inside[thinks] = stream.begins_inside
            done = stream.done(served_model(self._words.host, server.model).label)
            yield await self._measured(done, estimate_tokens(conversation))
        except BackendError as error:
            # Not the error's words: they can hold what was asked.
            log.warning("The endpoint failed: %s", error.problem)
            if error.context_length is not None:
                self._context.told = error.context_length
                self._tell_context()
            if error.problem in {BackendProblem.BAD_KEY, BackendProblem.UNREACHABLE}:
                self._lose(str(error))
            raise
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
            log.warning("The endpoint failed: %s", type(error).__name__)
            raise await self._meaning(error) from None

    async def _measured(self, done: ReplyDone, sent_tokens: int) -> ReplyDone:
        """Return the end of a reply, with how much the server really saw where that was less."""
        counted = done.usage.prompt_tokens
        # Only now is it certain that the server has loaded the model.
        if self._context.is_doubtful(sent_tokens, counted):
            told = await asyncio.to_thread(self._look_again)
            self._context.learn(told, sent_tokens, counted)
            self._tell_context()
        # A server says the same of a limit and of a full context; the counts tell them apart.
        used = (counted or 0) + (done.usage.reply_tokens or 0)
        if done.stop_reason is StopReason.LENGTH and 0 < (self._context.told or 0) <= used:
            done = replace(done, stop_reason=StopReason.CONTEXT_FULL)
        seen = self._context.seen_of(sent_tokens, counted)
        return done if seen is None else replace(done, context_length=seen)

    def _look_again(self) -> int | None:
        import httpx2

        clients, server = self._clients, self._server
        assert clients is not None
        assert server is not None
        try:
            with clients.for_asking(LOOK_AGAIN_S) as client:
                return context_of(client, server)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return None

    def _tell_context(self) -> None:
        if self._context.has_changed and not self._is_over.is_set():
            self._on_event(ContextFound(self._context.length))

    async def warm(
        self,
        conversation: Conversation,  # noqa: ARG002 - the port names it
        options: ReplyOptions,  # noqa: ARG002
    ) -> AsyncGenerator[Warming, None]:
        """Do nothing: asking a server for a reply that nobody wants would cost it the reply."""
        nothing: tuple[Warming, ...] = ()
        for step in nothing:
            yield step

    async def _open(
        self, client: "httpx2.AsyncClient", server: Server, bodies: list[dict[str, object]]
    ) -> "httpx2.Response":
        """Return the open stream for the first body that the server does not refuse."""
        refusal: BackendError | None = None
        for body in bodies:
            request = client.build_request("POST", f"{server.base_url}/chat/completions", json=body)
            response = await client.send(request, stream=True)
            if response.status_code == 200:
                if "text/event-stream" not in response.headers.get("content-type", ""):
                    raise BackendError(BackendProblem.SERVER_ERROR, self._words.not_compatible)
                if refusal is not None:
                    log.info("The endpoint takes the standard fields only")
                    self._takes_extras = False
                return response
            answer = await read(response)
            await response.aclose()
            refusal = reply_error(self._words, answer, self._key)
            if answer.status == 404:
                self._lose(str(refusal))
            if answer.status not in {400, 422} or refusal.problem is not BackendProblem.REFUSED:
                break
        assert refusal is not None
        raise refusal

    async def _why_nothing(
        self, clients: Clients, server: Server, body: dict[str, object]
    ) -> BackendError:
        """Ask again without a stream.

        llama-cpp-python's server begins to stream before it looks at the prompt: a stream that
        ends at once is all that it says of one that is too long.
        """
        plainly = {**body, "stream": False, "max_tokens": 1}
        # It belongs to a stream; vLLM refuses it without one.
        plainly.pop("stream_options", None)
        url = f"{server.base_url}/chat/completions"
        async with (
            clients.for_replies() as client,
            client.stream("POST", url, json=plainly) as response,
        ):
            answer = await read(response)
        if answer.status == 200:
            return BackendError(BackendProblem.SERVER_ERROR, self._words.nothing)
        return reply_error(self._words, answer, self._key)

    async def _meaning(self, error: Exception) -> BackendError:
        """Return what a failed connection means, after a look whether the server is there yet."""
        import httpx2

        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            sentence = self._unreachable(error)
        elif await asyncio.to_thread(self._is_there):
            return BackendError(
                BackendProblem.SERVER_ERROR, self._words.broken_off, "send it again"
            )
        elif isinstance(error, httpx2.TimeoutException):
            sentence = self._words.silent
        else:
            sentence = self._unreachable(error)
        self._lose(sentence)
        return BackendError(BackendProblem.UNREACHABLE, sentence)

    def _is_there(self) -> bool:
        try:
            self._find()
        except StillLoadingError:
            return True
        except Exception:  # noqa: BLE001 - whatever it is, the server cannot be asked
            return False
        return True

    def _unreachable(self, error: Exception) -> str:
        assert self._clients is not None
        variable, address = self._clients.access.proxy_for(self._settings.url)
        if address:
            return self._words.behind_proxy(variable, address)
        return self._words.unreachable(error)

    def _lose(self, sentence: str) -> None:
        if not self._is_over.is_set():
            self._is_over.set()
            self._on_event(EngineLost(sentence))

    # The look-up, on a thread of its own

    def _load(self) -> None:
        try:
            event = self._look_up()
        except Exception as error:
            # Nobody else would tell.
            log.exception("Looking the endpoint up failed")
            name = type(error).__name__
            event = LoadFailed(EngineProblem.INTERNAL, self._words.inside(name))
        if event is not None and not self._is_over.is_set():
            self._on_event(event)

    def _look_up(self) -> ModelLoaded | LoadFailed | None:
        if self._settings.key_env and not self._key:
            return LoadFailed(EngineProblem.UNSUPPORTED, self._words.no_key)
        if slip := slip_in(self._key):
            # Such cannot be put into an HTTP header; it comes from a slip in copying.
            return LoadFailed(EngineProblem.UNSUPPORTED, self._words.bad_key(slip))
        import httpx2  # 0.1 s, on this thread.

        self._clients = Clients(self._settings.url, self._key)
        while not self._is_over.is_set():
            try:
                return self._found(self._find())
            except StillLoadingError:
                self._is_over.wait(LOADING_PAUSE_S)
            except VariableError as error:
                return LoadFailed(EngineProblem.UNSUPPORTED, str(error))
            except EndpointError as error:
                return LoadFailed(error.problem, str(error))
            except httpx2.TimeoutException as error:
                silent = not isinstance(error, httpx2.ConnectTimeout)
                sentence = self._words.silent if silent else self._unreachable(error)
                return LoadFailed(EngineProblem.UNREACHABLE, sentence)
            except (httpx2.ConnectError, httpx2.ProxyError, httpx2.InvalidURL) as error:
                return LoadFailed(EngineProblem.UNREACHABLE, self._unreachable(error))
            except httpx2.HTTPError:
                return LoadFailed(EngineProblem.REFUSED, self._words.not_compatible)
        return None

    def _find(self) -> Server:
        assert self._clients is not None
        with self._clients.for_asking() as client:
            return find_server(client, self._settings.url, self._settings.model, self._words)

    def _found(self, server: Server) -> ModelLoaded:
        label = served_model(self._words.host, server.model).label
        self._words = replace(self._words, model=label)
        self._server = server
        self._context.begin(server.context_length)
        return ModelLoaded("", 0, 0, self._context.length, server.model)


class EndpointSource:
    """A ``ModelSource`` for a server's model, which is always there as far as one can know."""

    folder = ""

    def find(self, model: ModelSpec) -> Path | None:
        """Return the host's name in place of a file; whether it serves, only asking it tells."""
        return Path(model.host) if model.host is not None else None

    def kept_bytes(self, model: ModelSpec) -> int:  # noqa: ARG002 - the port's name
        return 0

    def delete(self, model: ModelSpec) -> int:  # noqa: ARG002 - the port's name
        return 0

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        """Never called: what ``find`` finds is not fetched."""
        raise AssertionError(f"{model.id} is not fetched, and {on_event} hears nothing")
