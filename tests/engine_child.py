"""Drives an engine child by its protocol, without the adapter."""

import contextlib
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self, TypeVar

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.model.model_spec import DevicePreference, Lora
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    ENGINE_EVENTS,
    EngineEvent,
    LoadFailed,
    LoadModel,
    PromptProgressed,
    ReplyDelta,
    ReplyFailed,
    ReplyFinished,
    ReplyWasThought,
    RequestReply,
    ThoughtDelta,
)
from shammah_tui.core.protocol.wire import decode, encode

GREEDY = Sampling(temperature=0.0)
END_TIMEOUT_S = 20.0

Kind = TypeVar("Kind")


def user(text: str) -> tuple[Message, ...]:
    """Return a conversation of one message."""
    return (Message(Role.USER, text),)


class EngineChild:
    """A running child; a context manager that ends it."""

    def __init__(
        self,
        model: Path,
        *,
        context_length: int = 4096,
        device: DevicePreference = DevicePreference.AUTO,
        threads: int | None = None,
        loras: tuple[Lora, ...] = (),
        job: LoadModel | None = None,
        environment: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        first_line: bytes | None = None,
        address_space_bytes: int | None = None,
        limit_s: float = 60.0,
    ) -> None:
        stderr = subprocess.DEVNULL if log_path is None else log_path.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shammah_tui.children.llama"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=dict(os.environ if environment is None else environment),
            start_new_session=True,
        )
        if address_space_bytes is not None:
            limit = (address_space_bytes, address_space_bytes)
            resource.prlimit(self.process.pid, resource.RLIMIT_AS, limit)
        # A child that hangs must fail its test, not hold the whole run up.
        self._watchdog = threading.Timer(limit_s, self.process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        job = job or LoadModel(str(model), context_length, device, threads, loras=loras)
        self.write(encode(job).encode() + b"\n" if first_line is None else first_line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close_stdin()
        try:
            self.process.wait(END_TIMEOUT_S)
        finally:
            self._watchdog.cancel()
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def close_stdin(self) -> None:
        """Tell the child to end."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def send(self, message: object) -> None:
        """Write one line."""
        self.write(encode(message).encode() + b"\n")

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(
        self,
        messages: tuple[Message, ...],
        *,
        id_: int = 1,
        max_tokens: int | None = None,
        sampling: Sampling = GREEDY,
        enable_thinking: bool = False,
        begun_thought: str = "",
    ) -> None:
        """Request a reply."""
        self.send(RequestReply(id_, messages, max_tokens, sampling, enable_thinking, begun_thought))

    def events(self) -> Iterable[EngineEvent]:
        """Yield events until the child closes its stdout; an unreadable line is an error."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            event: EngineEvent = decode(line.decode(), ENGINE_EVENTS)
            yield event

    def wait_for(self, kind: type[Kind]) -> Kind:
        """Return the next event of ``kind``, dropping those before it; a failure is an error."""
        for event in self.events():
            if isinstance(event, kind):
                return event
            assert not isinstance(event, ReplyFailed | LoadFailed), event.sentence
        raise AssertionError(f"The child ended without {kind.__name__}")

    def rest_of_reply(self) -> tuple[str, ReplyFinished]:
        """Return the text until the end of the reply under way, and the end."""
        _, text, end = self.rest_with_thought()
        return text, end

    def rest_with_thought(self) -> tuple[str, str, ReplyFinished]:
        """Return what is thought and said until the end of the reply under way, and the end."""
        thought = text = ""
        for event in self.events():
            match event:
                case ThoughtDelta():
                    assert not text
                    thought += event.text
                case ReplyDelta():
                    text += event.text
                case ReplyWasThought():
                    thought, text = thought + text, ""
                case ReplyFinished():
                    return thought, text, event
                case ReplyFailed():
                    raise AssertionError(event.sentence)
                case PromptProgressed():
                    pass
        raise AssertionError("The child ended in the middle of a reply")
