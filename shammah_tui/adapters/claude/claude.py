"""Claude as a backend, by the anthropic SDK."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from shammah_tui.adapters.claude.claude_errors import (
    CutError,
    backend_error,
    is_passing,
    wait_asked_for,
)
from shammah_tui.adapters.claude.claude_key import claude_address
from shammah_tui.adapters.claude.key_holder import Credential, KeyHolder
from shammah_tui.adapters.files.log_files import hide_in_log
from shammah_tui.core.conversation.conversation import Conversation, Role
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
    Usage,
)
from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.routing.messages_request import MessagesRequest, messages_request
from shammah_tui.core.settings.key_places import KeyPlace
from shammah_tui.core.settings.settings import ClaudeSettings
from shammah_tui.core.text.secrets import slip_in
from shammah_tui.core.wording import claude as words
from shammah_tui.core.wording.unanswered import NO_QUESTION
from shammah_tui.ports import ReplyOptions
from shammah_tui.web_client import WebAccess

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic
    from anthropic.types import MessageParam, RawMessageStreamEvent

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 4.0
"""With the SDK's two retries and their pauses, no network is said within 14 s."""

READ_TIMEOUT_S = 60.0
"""Longest silence: while it has nothing to say the API pings every few seconds."""

MAX_RETRIES = 2

CHECK_TIMEOUT_S = 10.0
"""Longest silence where a key is checked: somebody waits for nothing else."""

LONGEST_RETRY_WAIT_S = 5.0
"""Where the API asks for a longer pause, it is told; the SDK would wait it out, be it an hour."""

_STOP_REASONS = {
    "end_turn": StopReason.END_TURN,
    "stop_sequence": StopReason.END_TURN,
    "tool_use": StopReason.END_TURN,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.CONTEXT_FULL,
    "pause_turn": StopReason.LENGTH,
    "refusal": StopReason.REFUSAL,
}


class Claude:
    """A ``Backend`` that asks the Messages API.

    Args:
        environment: Where ``ANTHROPIC_BASE_URL`` may stand, and the key.
        keys: Has the key; None takes what the environment has.
        max_retries: How often the SDK tries again by itself before a reply has begun.
        newest: Returns what the settings say by now, ahead of each reply; called on another thread.
    """

    def __init__(
        self,
        model: str,
        max_tokens: int,
        environment: Mapping[str, str],
        keys: KeyHolder | None = None,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        max_retries: int = MAX_RETRIES,
        clock: Callable[[], float] = time.monotonic,
        newest: Callable[[], ClaudeSettings] | None = None,
    ) -> None:
        self._settings = ClaudeSettings(model, max_tokens)
        self._newest = newest
        self._keys = keys or KeyHolder(environment)
        self._proxy: tuple[str, str] | None = None
        self._base_url = claude_address(environment)
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._max_retries = max_retries
        self._clock = clock
        self._client: AsyncAnthropic | None = None
        self._asked_with = Credential()
        self._clients: list[AsyncAnthropic] = []
        self._client_lock = asyncio.Lock()

    def side(self) -> "Claude | BackendError":
        """Return this, or why it cannot be asked now: whether a key is good only the API knows."""
        return self if self._keys.has_key else self._keys.missing()

    async def warm_up(self) -> None:
        """Import the SDK and make the client now, off the loop; does nothing without a key.

        What is wrong with the environment is left for the first reply to tell.
        """
        await self._keys.settled()
        if self._keys.has_key:
            with suppress(BackendError):
                await self._get_client()

    async def aclose(self) -> None:
        async with self._client_lock:
            clients, self._client, self._clients = self._clients, None, []
        for each in clients:
            await each.close()

    async def check(self, key: str) -> BackendError | None:
        """Ask the API whether it takes a key, which costs nothing; return why it does not."""
        given = Credential(key, place=KeyPlace.MEMORY)
        hide_in_log(key)
        try:
            client = await asyncio.to_thread(self._make_client, given)
        except BackendError as error:
            return error
        try:
            once = client.with_options(max_retries=0, timeout=CHECK_TIMEOUT_S)
            await once.models.list(limit=1)
        except Exception as error:
            meant = self._meaning(error, given)
            if meant is None:
                raise
            return meant
        finally:
            await client.close()
        return None

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply; the sampling in ``options`` is for local models and is not sent."""
        await self._keys.settled()
        if not self._keys.has_key:
            raise self._keys.missing()
        request = messages_request(conversation)
        if not request.turns:
            raise BackendError(BackendProblem.REFUSED, NO_QUESTION)
        if self._newest is not None:
            # A file is looked at, and read where it has changed.
            self._settings = await asyncio.to_thread(self._newest)
        started = self._clock()
        client = await self._get_client()
        asked_with, tries = self._asked_with, 0
        while True:
            progress = _Progress(self._settings.model, started, self._clock)
            try:
                async with aclosing(
                    self._events(client, request, options, progress, self._max_retries - tries)
                ) as events:
                    async for event in events:
                        yield event
            except BackendError:
                raise
            except Exception as error:
                pause_s = progress.pause_before(tries) if is_passing(error) else None
                if tries + progress.retries < self._max_retries and pause_s is not None:
                    log.warning("Claude's stream broke off: %s", type(error).__name__)
                    tries += progress.retries + 1
                    await asyncio.sleep(pause_s)
                    continue
                meant = self._meaning(error, asked_with, is_first=len(request.turns) == 1)
                if meant is None:
                    raise
                raise meant from None
            else:
                return

    async def _events(
        self,
        client: "AsyncAnthropic",
        request: MessagesRequest,
        options: ReplyOptions,
        progress: "_Progress",
        retries: int,
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream one try; ``retries`` are what the SDK may add to it before the stream begins."""
        import anthropic  # Imported by whoever made the client, in a thread.

        stream = await client.with_options(max_retries=retries).messages.create(
            model=self._settings.model,
            max_tokens=options.max_tokens or self._settings.max_tokens,
            messages=_turns(request),
            system=request.system or anthropic.omit,
            stream=True,
        )
        progress.open(stream.response)
        async with stream:
            async for event in stream:
                taken = progress.take(event)
                if taken is not None:
                    yield taken
        yield progress.done()

    def _meaning(
        self, error: Exception, asked_with: Credential, *, is_first: bool = False
    ) -> BackendError | None:
        meant = backend_error(
            error,
            self._settings.model,
            [asked_with.secret] if asked_with.secret else (),
            key_variable=asked_with.variable,
            proxy=self._proxy,
            is_first=is_first,
        )
        if meant is not None:
            # Neither the error's text nor its trace: both can hold what was asked.
            log.warning("Claude failed: %s, %s", type(error).__name__, meant.problem)
        return meant

    async def _get_client(self) -> "AsyncAnthropic":
        """Return the client for the present key; replies under way keep the one that they have."""
        async with self._client_lock:
            credential = self._keys.credential
            if not credential.secret:
                # The SDK would look for one by itself.
                raise self._keys.missing()
            if self._client is None or credential.secret != self._asked_with.secret:
                self._client = await asyncio.to_thread(self._make_client, credential)
                self._clients.append(self._client)
                self._asked_with = credential
            return self._client

    def _make_client(self, credential: Credential) -> "AsyncAnthropic":
        if slip := slip_in(credential.secret):
            # Such cannot be put into an HTTP header; it comes from a slip in copying.
            raise words.key_slip(credential.variable, slip)
        # 0.7 to 1.8 s: it would hold the first frame, or the loop.
        import anthropic
        import httpx2

        # They log headers, requests and replies below this; ANTHROPIC_LOG=debug asks for it.
        for name in ("anthropic", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = httpx2.Timeout(self._read_timeout_s, connect=self._connect_timeout_s)
        try:
            access = WebAccess()
            options = {"timeout": timeout, "event_hooks": {"response": [_refuse_long_wait]}}
            client = anthropic.AsyncAnthropic(
                api_key=credential.api_key or None,
                auth_token=credential.auth_token or None,
                base_url=self._base_url,
                timeout=timeout,
                max_retries=self._max_retries,
                open_telemetry=False,
                http_client=anthropic.DefaultAsyncHttpxClient(**access.async_options(options)),
            )
            # The SDK would try in vain twice more.
            access.check(client.base_url)
            variable, address = access.proxy_for(client.base_url)
            self._proxy = (variable, address) if address else None
        except Exception as error:
            # Whatever it is: it comes from the environment, and the local side can answer.
            meant = self._meaning(error, credential) if _is_ours(error) else None
            if meant is None:
                log.exception("No client for Claude could be made")
                meant = words.no_client(type(error).__name__)
            raise meant from None
        # The SDK imports this part of itself on first use.
        _ = client.messages
        return client


def _is_ours(error: Exception) -> bool:
    import httpx2

    return isinstance(error, VariableError | httpx2.InvalidURL)


def _turns(request: MessagesRequest) -> "list[MessageParam]":
    turns: list[MessageParam] = []
    for role, text in request.turns:
        if role is Role.USER:
            turns.append({"role": "user", "content": text})
        else:
            turns.append({"role": "assistant", "content": text})
    return turns


class _Progress:
    """What the events of one stream have told so far."""

    def __init__(self, model: str, started: float, clock: Callable[[], float]) -> None:
        self._model = model
        self._started = started
        self._clock = clock
        self._prompt_tokens: int | None = None
        self._reply_tokens: int | None = None
        self._stop_reason: str | None = None
        self._first_text: float | None = None
        self._has_begun = False
        self._is_complete = False
        self._wait_s: float | None = None
        self._is_open = False
        self.retries = 0

    def open(self, response: "httpx2.Response") -> None:
        """Note that the API accepted the request, after so many retries of the SDK's."""
        self._is_open = True
        self._wait_s = wait_asked_for(response.headers)
        told = response.request.headers.get("x-stainless-retry-count", "")
        self.retries = int(told) if told.isdigit() else 0

    def pause_before(self, tries: int) -> float | None:
        """Return how long to wait before asking once more; None where that is no use.

        It is none once there is text, nor where the API asks for a long pause. A request that was
        not accepted is the SDK's to repeat.
        """
        if not self._is_open or self._first_text is not None:
            return None
        if self._wait_s:
            return self._wait_s if self._wait_s <= LONGEST_RETRY_WAIT_S else None
        # As the SDK does.
        doubled: float = 0.5 * 2 ** (tries + self.retries)
        return min(doubled, 8.0) * (1 - 0.25 * random.random())  # noqa: S311

    def take(self, event: "RawMessageStreamEvent") -> ReplyBegun | TextDelta | None:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            if self._first_text is None and event.delta.text:
                self._first_text = self._clock()
            return TextDelta(event.delta.text) if event.delta.text else None
        if event.type == "message_start":
            self._has_begun = True
            self._model = event.message.model
            usage = event.message.usage
            # What the prompt cache served or kept is not in input_tokens.
            cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
            self._prompt_tokens = usage.input_tokens + cached
            return ReplyBegun(self._prompt_tokens, self._model)
        if event.type == "message_delta":
            self._stop_reason = event.delta.stop_reason or self._stop_reason
            self._reply_tokens = event.usage.output_tokens
        elif event.type == "message_stop":
            self._is_complete = True
        return None

    def done(self) -> ReplyDone:
        """Return the last event; raise ``CutError`` where the stream ended before the reply did."""
        if not self._has_begun:
            raise words.not_the_api()
        if not self._is_complete:
            raise CutError
        usage = Usage(self._prompt_tokens, self._reply_tokens)
        return ReplyDone(
            _STOP_REASONS.get(self._stop_reason or "", StopReason.END_TURN),
            usage.timed(self._started, self._first_text, self._clock()),
            self._model,
        )


async def _refuse_long_wait(response: "httpx2.Response") -> None:
    """Make the SDK raise, rather than sleep, where the API asks for a long pause."""
    if (wait_asked_for(response.headers) or 0.0) > LONGEST_RETRY_WAIT_S:
        response.headers["x-should-retry"] = "false"
