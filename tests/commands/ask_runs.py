"""Runs of ``shammah ask`` and of the commands on what it keeps, as a script or a person would."""

import io
import json
import logging
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect
import pytest

from shammah_tui.adapters.sqlite.opening import FILE_NAME
from shammah_tui.cli import main
from tests.commands.command_runs import Said
from tests.end_to_end.terminal import processes_of
from tests.loopback.messages_api import LoopbackMessagesAPI

KEY = "sk-ant-ask-0123456789"
MODEL, ENDLESS = "Tiny-Q4_K_M.gguf", "endless.gguf"


@dataclass
class AskRuns:
    """A home, a Messages API, weights, and ways to run commands between them.

    Attributes:
        home: The home folder, empty at first.
        models: The folder with the weights.
        api: Accepts ``KEY`` only.
        environment: What the program sees.
        stack: Ended with the test.
    """

    home: Path
    models: Path
    api: LoopbackMessagesAPI
    environment: dict[str, str]
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def store(self) -> Path:
        """The file of conversations; it need not exist."""
        return self.home / ".local" / "share" / "shammah" / FILE_NAME

    def configure(self, toml: str) -> None:
        """Write the settings file."""
        path = self.home / ".config" / "shammah" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml)

    def run(self, *arguments: str, piped: str | bytes = b"") -> Said:
        """Run ``shammah …`` in this process, where the SDK is imported once for all tests."""
        piped = piped.encode() if isinstance(piped, str) else piped
        streams = [io.TextIOWrapper(io.BytesIO(each), "utf-8") for each in (piped, b"", b"")]
        handlers = logging.getLogger().handlers[:]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.home)
            for name in os.environ:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            try:
                status = main(arguments)
            except SystemExit as error:
                # How argparse ends.
                assert isinstance(error.code, int)
                status = error.code
            finally:
                logging.getLogger().handlers[:] = handlers
        texts = []
        for stream in streams[1:]:
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())
        return Said(status, *texts)

    def run_alone(self, *arguments: str, piped: bytes = b"") -> Said:
        """Run it in a process of its own, as a script does."""
        done = subprocess.run(
            [sys.executable, "-m", "shammah_tui", *arguments],
            env=self.environment,
            cwd=self.home,
            input=piped,
            capture_output=True,
            timeout=60,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it in a pipe and return at once."""
        process = subprocess.Popen(
            [sys.executable, "-m", "shammah_tui", *arguments],
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.stack.callback(process.kill)
        self.stack.enter_context(process)
        return process

    def on_terminal(self, *arguments: str) -> Any:
        """Start it in a window of its own, in which Ctrl+C is a signal as it is for a person."""
        window = pexpect.spawn(
            sys.executable,
            ["-m", "shammah_tui", *arguments],
            env=self.environment,
            cwd=str(self.home),
            dimensions=(24, 110),
            encoding="utf-8",
            timeout=30,
        )
        self.stack.callback(window.close, force=True)
        return window

    def json(self, *arguments: str) -> Any:
        """Return what a command that succeeds prints as JSON."""
        said = self.run(*arguments)
        assert said.status == 0, said
        return json.loads(said.output)

    def kept(self) -> list[list[dict[str, Any]]]:
        """Return the messages of all conversations that are kept, the oldest first."""
        document = self.json("export", "--all", "--format", "json")
        return [each["messages"] for each in document["conversations"]]

    def asked(self) -> list[list[tuple[str, str]]]:
        """Return what Claude was asked: role and text of each message of each request."""
        return [
            [(turn["role"], turn["content"]) for turn in call.body["messages"]]
            for call in self.api.calls
        ]

    def assert_nothing_runs(self) -> None:
        """Assert that no child has outlived its command."""
        assert not [process.cmdline() for process in processes_of(str(self.home))]
