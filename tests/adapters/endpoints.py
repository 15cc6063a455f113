"""An endpoint engine with its events in a queue, and what its tests ask it."""

import queue

from shammah_tui.adapters.endpoint.engine import EndpointEngine, EndpointStarter
from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.reply import ReplyDone, ReplyEvent, TextDelta
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    LoadFailed,
    LoadModel,
    ModelLoaded,
)
from shammah_tui.core.settings.settings import EndpointSettings
from shammah_tui.ports import ChildExited, EngineLost, ReplyOptions

EVENT_TIMEOUT_S = 20.0
PROMPT = "What is the answer, privately?"
ASK: Conversation = (Message(Role.USER, PROMPT),)
GREEDY = ReplyOptions(sampling=Sampling(temperature=0.0))

Event = EngineEvent | ChildExited | EngineLost


class Endpoint:
    """An engine that is looking its server up.

    Args:
        url: The server's address.
        model: The model in the settings.
        key_env: The variable of the key.
        environment: Where it may stand.
        context_length: What the settings say.
    """

    def __init__(
        self,
        url: str,
        model: str = "",
        key_env: str = "",
        environment: dict[str, str] | None = None,
        context_length: int = 0,
    ) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        starter = EndpointStarter(EndpointSettings(url, model, key_env), environment or {})
        job = LoadModel("host", context_length, DevicePreference.AUTO)
        self.engine: EndpointEngine = starter.start(job, self.events.put)

    def next_event(self) -> Event:
        return self.events.get(timeout=EVENT_TIMEOUT_S)

    def loaded(self) -> ModelLoaded:
        event = self.next_event()
        assert isinstance(event, ModelLoaded), event
        return event

    def failed(self) -> LoadFailed:
        event = self.next_event()
        assert isinstance(event, LoadFailed), event
        return event

    async def ask(
        self, conversation: Conversation = ASK, options: ReplyOptions = GREEDY
    ) -> tuple[str, ReplyDone]:
        """Return a whole reply."""
        events: list[ReplyEvent] = []
        await self.collect(events, conversation, options)
        done = events[-1]
        assert isinstance(done, ReplyDone)
        return text_of(events), done

    async def collect(
        self,
        events: list[ReplyEvent],
        conversation: Conversation = ASK,
        options: ReplyOptions = GREEDY,
    ) -> None:
        """Fill ``events``; what came before an error is in it."""
        async for event in self.engine.reply(conversation, options):
            events.append(event)  # noqa: PERF401 - what came before an error is wanted


def text_of(events: list[ReplyEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
