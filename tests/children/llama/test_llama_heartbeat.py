"""When the engine child gives signs of life, without a model."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from shammah_tui.children.llama.inbox import INTERVAL_S, Heartbeat, Outbox
from shammah_tui.core.protocol.engine_messages import Alive, LoadProgressed
from shammah_tui.core.protocol.wire import decode


class Line:
    """An outbox into a pipe, and what came out of it."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self.outbox = Outbox(self.write_end)

    def sent(self) -> list[object]:
        try:
            lines = os.read(self.read_end, 1 << 16).decode().splitlines()
        except BlockingIOError:
            return []
        return [decode(line, (Alive, LoadProgressed)) for line in lines]

    def age(self) -> None:
        """Let the last event be long ago."""
        self.outbox.sent_s -= 1.1 * INTERVAL_S


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    os.close(line.read_end)
    os.close(line.write_end)


def test_a_sign_is_given_only_where_nothing_else_was_sent(line: Line) -> None:
    heart = Heartbeat(line.outbox)
    heart.beat()
    assert line.sent() == []
    line.age()
    heart.beat()
    heart.beat()
    assert line.sent() == [Alive()]
    line.age()
    line.outbox.send(LoadProgressed(0.5))
    heart.beat()
    assert line.sent() == [LoadProgressed(0.5)]


def test_a_process_that_works_gives_signs(line: Line) -> None:
    with Heartbeat(line.outbox).watching_the_process():
        until_s = time.monotonic() + 3.5 * INTERVAL_S
        while time.monotonic() < until_s:
            sum(range(10_000))
    assert 1 <= len(line.sent()) <= 4


def test_a_process_that_only_waits_gives_none(line: Line) -> None:
    with Heartbeat(line.outbox).watching_the_process():
        threading.Event().wait(3.5 * INTERVAL_S)
    assert line.sent() == []


def test_many_threads_may_send(line: Line) -> None:
    def send() -> None:
        for number in range(50):
            line.outbox.send(LoadProgressed(number / 50))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(line.sent()) == 200
