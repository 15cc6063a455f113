import os
import queue
from pathlib import Path
from typing import Any

import psutil
import pytest

from shammah_tui.adapters.engine import child_process
from shammah_tui.adapters.engine.child_process import ChildProcess
from shammah_tui.core.protocol.engine_messages import StopReply
from shammah_tui.ports import ChildExited


class Watched:
    """A child with everything it sends in a queue."""

    def __init__(self, behaviour: str, folder: Path) -> None:
        self.events: queue.Queue[Any] = queue.Queue()
        self.log = folder / "child.log"
        environment = {**os.environ, "LINE_CHILD": behaviour}
        self.child = ChildProcess(
            "tests.adapters.line_child", [StopReply], self.events.put, self.log, environment
        )

    def next(self) -> Any:
        return self.events.get(timeout=20)


def test_messages_go_both_ways_and_stderr_to_the_log(tmp_path: Path) -> None:
    watched = Watched("echo", tmp_path)
    assert watched.child.send(StopReply(7))
    assert watched.next() == StopReply(7)
    watched.child.stop()
    assert watched.next() == ChildExited(0)
    assert watched.log.read_text() == "the end\n"


def test_what_a_child_writes_cannot_draw_on_a_terminal_when_its_log_is_read(tmp_path: Path) -> None:
    watched = Watched("draws", tmp_path)
    assert watched.next() == ChildExited(-6)
    assert watched.log.read_text() == (
        "name \\x1b]52;c;aGk=\\x07\\u202egpj \\xff end\\x0d\nlast \\x9b words\\x1bc"
    )


def test_lines_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    watched = Watched("garbage", tmp_path)
    watched.child.send(StopReply(1))
    assert watched.next() == StopReply(1)
    watched.child.stop()


def test_it_has_a_session_of_its_own(tmp_path: Path) -> None:
    watched = Watched("session", tmp_path)
    assert watched.next().id == watched.child.pid != os.getsid(0)
    watched.child.stop()


def test_a_killed_child_is_told_by_its_signal(tmp_path: Path) -> None:
    watched = Watched("dies", tmp_path)
    assert watched.next() == ChildExited(-9)
    assert not watched.child.send(StopReply(1))
    watched.child.stop()
    watched.child.stop()


def test_a_child_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "EXIT_GRACE_S", 0.2)
    watched = Watched("deaf", tmp_path)
    watched.next()
    watched.child.stop()
    assert watched.next() == ChildExited(-9)
    assert not psutil.pid_exists(watched.child.pid)
