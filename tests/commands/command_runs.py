"""Runs of ``shammah models`` as a script or a person starts it, and inside the test."""

import argparse
import io
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect
import psutil

from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.commands.arguments import add_models
from shammah_tui.commands.console import Console
from shammah_tui.commands.models.models import run_models
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.settings.settings import Settings
from shammah_tui.wiring import Setup
from tests.children.fetch_runs import clean_environment
from tests.end_to_end.terminal import processes_of
from tests.loopback.hub import LoopbackHub

REPO = "owner/Tiny-GGUF"
FILE = "Tiny-Q4_K_M.gguf"
WHAT = f"{REPO}:Q4_K_M"
SPLIT = tuple(f"Tiny-Q8_0-0000{number}-of-00002.gguf" for number in (1, 2))
SPLIT_WHAT = f"{REPO}:Q8_0"
BLOCK_BYTES = 64 * 1024
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass(frozen=True)
class Said:
    """How a command ended and what it wrote."""

    status: int
    output: str
    errors: str


def end_of(window: Any) -> Said:
    """Wait until a command in a window is over; return what it wrote since it was last asked."""
    window.expect(pexpect.EOF)
    window.close()
    assert window.exitstatus is not None
    return Said(window.exitstatus, window.before, "")


@dataclass
class CommandRuns:
    """A home, a hub, and ways to run commands between the two.

    Attributes:
        home: The home folder, empty at first.
        hub: Holds ``REPO``.
        environment: What the program sees.
        offered: The models that have an id, where a command runs in this process.
        stack: Ended with the test.
    """

    home: Path
    hub: LoopbackHub
    environment: dict[str, str]
    offered: tuple[ModelSpec, ...] = CATALOGUE
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def cache(self) -> Path:
        """The root of the Hub's cache."""
        return self.home / ".cache" / "huggingface" / "hub"

    def place(self, *names: str) -> None:
        """Put files of the hub's newest commit into the cache, as fetching them would."""
        commit = self.hub.repos[REPO].branches["main"]
        root = self.cache / ("models--" + REPO.replace("/", "--"))
        snapshot = root / "snapshots" / commit
        for folder in (root / "blobs", root / "refs", snapshot):
            folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            file = self.hub.repos[REPO].commits[commit][name]
            (root / "blobs" / file.sha256).write_bytes(file.path.read_bytes())
            (snapshot / name).symlink_to(f"../../blobs/{file.sha256}")
        (root / "refs" / "main").write_text(commit)

    def run(self, *arguments: str, options: tuple[str, ...] = ()) -> Said:
        """Run ``shammah OPTIONS models …`` in a pipe, as a script does."""
        done = subprocess.run(
            self._command(arguments, options),
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it in a pipe and return at once."""
        process = subprocess.Popen(
            self._command(arguments),
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.stack.callback(process.kill)
        self.stack.enter_context(process)
        return process

    def on_terminal(self, *arguments: str, columns: int = 110) -> Any:
        """Start it in a window of its own, in which Ctrl+C is a signal as it is for a person."""
        command = self._command(arguments)
        window = pexpect.spawn(
            command[0],
            command[1:],
            env=self.environment,
            cwd=str(self.home),
            dimensions=(12, columns),
            encoding="utf-8",
            timeout=30,
        )
        self.stack.callback(window.close, force=True)
        return window

    def here(self, *arguments: str, **environment: str) -> Said:
        """Run it in this process, over a fetch child with little patience."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--offline", action="store_true")
        add_models(parser.add_subparsers())
        seen = clean_environment(self.home, **{"HF_ENDPOINT": self.hub.url, **environment})
        source = HubSource(
            self.cache,
            environment.get("HF_ENDPOINT", self.hub.url),
            self.home / "fetch.log",
            None,
            seen,
            child_module="tests.children.short_fetch",
        )
        setup = Setup(Settings(), (), self.offered, source, self.home / "log", seen)
        output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        console = Console(output, errors, io.StringIO())
        status = run_models(parser.parse_args(["models", *arguments]), setup.inventory, (), console)
        texts = []
        for stream in (output, errors):
            stream.flush()
            stream.seek(0)
            texts.append(stream.read())
        return Said(status, *texts)

    def listed(self) -> list[dict[str, Any]]:
        """Return what ``--json`` tells."""
        said = self.here("--json")
        assert (said.status, said.errors) == (0, "")
        models: list[dict[str, Any]] = json.loads(said.output)
        return models

    def names(self) -> list[str]:
        """Return the names that are listed."""
        return [model["name"] for model in self.listed()]

    def fetch_in_part(self, what: str, size_bytes: int) -> int:
        """Let a fetch be killed after ``size_bytes``; return how much the list says is kept."""
        before = self.hub.bytes_served
        self.hub.throttle(8e6)
        process = self.start("pull", what)
        self.hub.wait_for_bytes(before + size_bytes - BLOCK_BYTES)
        # As good as stopped, until what is on its way has reached the disk.
        self.hub.throttle(1000)
        for _ in range(3000):
            if self._kept_in_part() >= size_bytes - 3 * BLOCK_BYTES:
                break
            time.sleep(0.01)
        process.kill()
        process.wait()
        # The fetch child ends by itself, once its stdin is closed.
        _, alive = psutil.wait_procs(processes_of(str(self.home)), 30)
        assert not alive
        self.hub.throttle(None)
        kept = self._kept_in_part()
        assert kept >= size_bytes - 3 * BLOCK_BYTES
        return kept

    def _kept_in_part(self) -> int:
        return sum(model["kept_bytes"] for model in self.listed() if not model["complete"])

    def _command(self, arguments: tuple[str, ...], options: tuple[str, ...] = ()) -> list[str]:
        return [sys.executable, "-m", "shammah_tui", *options, "models", *arguments]
