"""Claude as a backend, by the anthropic SDK."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from shammah_tui.adapters.claude_errors import backend_error, broken_off, not_the_api
from shammah_tui.adapters.claude_key import claude_key
from shammah_tui.core.conversation import Conversation, Role
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.messages_request import MessagesRequest, messages_request
from shammah_tui.core.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
    Usage,
)
from shammah_tui.ports import ReplyOptions

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
        model: The model's name, as the API knows it.
        max_tokens: Most tokens of a reply when its options do not say.
        environment: Where ``ANTHROPIC_API_KEY`` or ``ANTHROPIC_AUTH_TOKEN``, and
            ``ANTHROPIC_BASE_URL``, may stand.
        connect_timeout_s: Longest wait for a connection, for each try.
        read_timeout_s: Longest silence.
        max_retries: How often the SDK tries again by itself before a reply has begun.
        clock: Seconds, for the pace.
    """

    def __init__(
        self,
        model: str,
        max_tokens: int,
        environment: Mapping[str, str],
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        max_retries: int = MAX_RETRIES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        # The order is the SDK's: a key comes before a token.
        key, token = claude_key(environment)
        self._api_key, self._auth_token = key or None, token or None
        self._base_url = environment.get("ANTHROPIC_BASE_URL", "").strip() or None
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._max_retries = max_retries
        self._clock = clock
        self._client: AsyncAnthropic | None = None
        self._client_lock = asyncio.Lock()

    @property
    def has_key(self) -> bool:
        """Whether there is a key or token; whether it is good only the API knows."""
        return bool(self._api_key or self._auth_token)

    async def warm_up(self) -> None:
        """Import the SDK and make the client now, off the loop; does nothing without a key.

        What is wrong with the environment is left for the first reply to tell.
        """
        if self.has_key:
            with suppress(BackendError):
                await self._get_client()

    async def aclose(self) -> None:
        """Close the connections; replies under way break off."""
        async with self._client_lock:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Stream a reply; see ``Backend.reply``.

        System messages, wherever they stand, become the system prompt. The sampling in ``options``
        is for local models and is not sent.
        """
        if not self.has_key:
            raise BackendError(
                BackendProblem.NO_KEY,
                "There is no key for Claude: set ANTHROPIC_API_KEY, then start again",
            )
        request = messages_request(conversation)
        if not request.turns:
            raise BackendError(BackendProblem.REFUSED, "There is no question: write one")
        started = self._clock()
        client = await self._get_client()
        import anthropic  # Imported by the line above, in a thread.

        try:
            stream = await client.messages.create(
                model=self._model,
                max_tokens=options.max_tokens or self._max_tokens,
                messages=_turns(request),
                system=request.system or anthropic.omit,
                stream=True,
            )
            progress = _Progress(self._model, started, self._clock)
            async with stream:
                async for event in stream:
                    taken = progress.take(event)
                    if taken is not None:
                        yield taken
            yield progress.done()
        except BackendError:
            raise
        except Exception as error:
            meant = self._meaning(error)
            if meant is None:
                raise
            raise meant from None

    def _meaning(self, error: Exception) -> BackendError | None:
        secrets = [each for each in (self._api_key, self._auth_token) if each]
        meant = backend_error(error, self._model, secrets)
        if meant is not None:
            # Neither the error's text nor its trace: both can hold what was asked.
            log.warning("Claude failed: %s, %s", type(error).__name__, meant.problem)
        return meant

    async def _get_client(self) -> "AsyncAnthropic":
        async with self._client_lock:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make_client)
            return self._client

    def _make_client(self) -> "AsyncAnthropic":
        for secret in (self._api_key, self._auth_token):
            # Such cannot be put into an HTTP header; it comes from a slip in copying.
            if secret is not None and not (secret.isascii() and secret.isprintable()):
                raise BackendError(
                    BackendProblem.BAD_KEY,
                    "ANTHROPIC_API_KEY has characters that no key has: copy it again",
                )
        # 0.7 to 1.8 s: it would hold the first frame, or the loop.
        import anthropic
        import httpx2

        # They log headers, requests and replies below this; ANTHROPIC_LOG=debug asks for it.
        for name in ("anthropic", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = httpx2.Timeout(self._read_timeout_s, connect=self._connect_timeout_s)
        try:
            client = anthropic.AsyncAnthropic(
                api_key=self._api_key,
                auth_token=None if self._api_key else self._auth_token,
                base_url=self._base_url,
                timeout=timeout,
                max_retries=self._max_retries,
                open_telemetry=False,
                http_client=anthropic.DefaultAsyncHttpxClient(
                    timeout=timeout, event_hooks={"response": [_refuse_long_wait]}
                ),
            )
        except httpx2.InvalidURL as error:
            raise self._meaning(error) or error from None
        # The SDK imports this part of itself on first use.
        _ = client.messages
        return client


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

    def take(self, event: "RawMessageStreamEvent") -> ReplyBegun | TextDelta | None:
        """Note what ``event`` tells; return what of it is for others, if anything."""
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
        """Return the last event.

        Raises:
            BackendError: The stream ended before the reply did, or never was one.
        """
        if not self._has_begun:
            raise not_the_api()
        if not self._is_complete:
            raise broken_off()
        first_token_s = tokens_per_s = None
        if self._first_text is not None:
            first_token_s = self._first_text - self._started
            spent_s = self._clock() - self._first_text
            if self._reply_tokens is not None and self._reply_tokens > 1 and spent_s > 0:
                tokens_per_s = (self._reply_tokens - 1) / spent_s
        return ReplyDone(
            _STOP_REASONS.get(self._stop_reason or "", StopReason.END_TURN),
            Usage(self._prompt_tokens, self._reply_tokens, tokens_per_s, first_token_s),
            self._model,
        )


async def _refuse_long_wait(response: "httpx2.Response") -> None:
    """Make the SDK raise, rather than sleep, where the API asks for a long pause."""
    wait = response.headers.get("retry-after", "0")
    if not wait.isdigit() or int(wait) > LONGEST_RETRY_WAIT_S:
        response.headers["x-should-retry"] = "false"
