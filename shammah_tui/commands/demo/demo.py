"""``shammah demo``: the program as it is, with a hub and a stand-in for Claude on loopback.

It has a home folder of its own, which is deleted at the end, and sees nothing of the user's.
"""

import argparse
import signal
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from shammah_tui.adapters.files.starter_model import VARIABLE as STARTER
from shammah_tui.adapters.files.starter_model import starter_model
from shammah_tui.commands.console import Console
from shammah_tui.commands.demo.hub import REPO, DemoHub
from shammah_tui.commands.demo.relay import ProgramEndedError, Relay, ended
from shammah_tui.commands.demo.script import play, went_as_told
from shammah_tui.commands.demo.stand_in import MODEL, StandIn
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.conversation.export_format import from_json
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.local.generator import NoEngine, NotAvailable
from shammah_tui.core.protocol.child_environment import engine_environment
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording.troubles import state_words
from shammah_tui.start.look import folders

_PROGRAM = (sys.executable, "-m", "shammah_tui")
_SETTINGS = f"""\
# Left to itself, so small a model writes on and on.
system_prompt = "Answer in two short sentences."
[claude]
model = "{MODEL}"
"""
_BYTES_PER_S = 3e6
"""98 MB take half a minute."""
_TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "NO_COLOR", "TMUX")
"""What the program needs to draw, beside what a child needs to run."""
_FOLDERS = ("XDG_", "LLAMA_")
"""The user's own, in which nothing is to be read or written."""


def run_demo(
    options: argparse.Namespace, console: Console, environment: Mapping[str, str]
) -> ExitStatus:
    """Play the story for a person, or by itself with ``options.script``."""
    if not (console.answers.isatty() and console.redraws):
        is_dumb = console.answers.isatty() and console.is_terminal
        console.complain(words.DUMB_TERMINAL if is_dumb else words.NO_TERMINAL)
        return ExitStatus.USAGE
    model = starter_model({})
    if model is None or model.local_path is None:
        console.complain(words.NO_STARTER)
        return ExitStatus.NOT_HERE
    if find_spec("llama_cpp") is None:
        console.complain(state_words(NotAvailable(NoEngine())).command)
        return ExitStatus.NOT_HERE
    file = Path(model.local_path)
    try:
        with _ending_on_signals():
            if options.script:
                return _play(file, console, environment)
            console.output.write(words.DEMO_BEGINS)
            console.output.flush()
            if not console.answers.readline():
                return ExitStatus.DONE
            with _stage(file, environment) as stage:
                program = subprocess.Popen(stage.command, env=stage.environment, cwd=stage.home)
                with stage.serving(), ended(program):
                    status = program.wait()
            console.tell(words.DEMO_ENDS)
            return ExitStatus.DONE if status == 0 else ExitStatus.FAILED
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def _play(file: Path, console: Console, environment: Mapping[str, str]) -> ExitStatus:
    with _stage(file, environment) as stage:
        relay = Relay(stage.command, stage.environment, stage.home)
        try:
            with stage.serving(), relay.passing_on():
                play(relay, stage.hub)
        except (TimeoutError, ProgramEndedError):
            console.complain(words.DEMO_STOPPED)
            return ExitStatus.FAILED
        replies = stage.replies()
    for each in replies:
        console.tell(each.label)
    if went_as_told(replies):
        return ExitStatus.DONE
    console.complain(words.DEMO_WENT_OTHERWISE)
    return ExitStatus.FAILED


@dataclass(frozen=True, slots=True)
class _Stage:
    """Everything around the program: what it is started with, and whom it talks to."""

    home: Path
    hub: DemoHub
    stand_in: StandIn
    environment: Mapping[str, str]
    command: tuple[str, ...] = (*_PROGRAM, "--model", REPO)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer; before it is time, requests wait. Threads that fork are best not there yet."""
        with self.hub.serving(), self.stand_in.serving():
            yield

    def replies(self) -> list[Receipt]:
        """Return what the program itself has written down of the replies."""
        written = subprocess.run(
            (*_PROGRAM, "export", "--format", "json"),
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            check=False,
        ).stdout
        messages = from_json(written)[0].messages if written else ()
        return [each.receipt for each in messages if each.receipt is not None and each.text.strip()]


@contextmanager
def _stage(file: Path, environment: Mapping[str, str]) -> Iterator[_Stage]:
    with TemporaryDirectory(prefix="shammah-demo-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        hub, stand_in = DemoHub(file, _BYTES_PER_S), StandIn()
        seen = _environment(environment, home, hub, stand_in)
        config = Path(folders(seen)[0])
        config.mkdir(parents=True)
        (config / "config.toml").write_text(_SETTINGS, encoding="utf-8")
        yield _Stage(home, hub, stand_in, seen)


def _environment(
    environment: Mapping[str, str], home: Path, hub: DemoHub, stand_in: StandIn
) -> dict[str, str]:
    kept = {
        name: value
        for name, value in engine_environment(environment).items()
        if not name.startswith(_FOLDERS)
    }
    drawn = {name: environment[name] for name in _TERMINAL if name in environment}
    return {
        **kept,
        **drawn,
        "HOME": str(home),
        # Packages that are installed for the user are below the other home.
        "PYTHONUSERBASE": site.getuserbase(),
        "HF_ENDPOINT": hub.url,
        "ANTHROPIC_BASE_URL": stand_in.url,
        "ANTHROPIC_API_KEY": "sk-ant-demonstration-no-real-key",
        # Its file is what is downloaded; answering from the beginning, it would spoil the story.
        STARTER: "off",
        # A key that is given here belongs into this home, too.
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def _replies(environment: Mapping[str, str], home: Path) -> list[Receipt]:
    """Return what the program itself has written down of the replies."""
    command = [*_PROGRAM, "export", "--format", "json"]
    written = subprocess.run(
        command, env=environment, cwd=home, capture_output=True, check=False
    ).stdout
    messages = from_json(written.decode())[0].messages if written else ()
    return [each.receipt for each in messages if each.receipt is not None and each.text.strip()]


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Leave by an exception, so that the home folder is deleted."""

    def leave(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, leave) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
