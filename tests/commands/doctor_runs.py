"""Runs of ``shammah doctor`` between a loopback hub and a loopback Messages API."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI

KEY = "sk-ant-doctor-0123456789"


@dataclass(frozen=True)
class Told:
    """How it ended and what it wrote."""

    status: int
    output: str
    errors: str

    def line(self, label: str) -> str:
        """Return the one line that has this label, without the label."""
        (found,) = [line for line in self.output.splitlines() if line[2:].startswith(label)]
        return found

    def advice(self, label: str) -> str:
        """Return the advice below the line with this label; empty where there is none."""
        lines = self.output.splitlines()
        (number,) = [i for i, line in enumerate(lines) if line[2:].startswith(label)]
        below = lines[number + 1] if number + 1 < len(lines) else ""
        return below.partition("→ ")[2] if below.startswith("   ") else ""

    @property
    def findings(self) -> dict[str, dict[str, Any]]:
        """What ``--json`` told, by id."""
        return {finding["id"]: finding for finding in json.loads(self.output)["findings"]}


@dataclass
class DoctorRuns:
    """A home, a hub and an API.

    Attributes:
        home: The home folder, empty at first.
        hub: Where models would come from.
        api: Accepts ``KEY`` only.
        environment: What the program sees.
    """

    home: Path
    hub: LoopbackHub
    api: LoopbackMessagesAPI
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {
            "HOME": str(self.home),
            "SHAMMAH_STARTER": "off",
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.api.url,
            "HF_ENDPOINT": self.hub.url,
        }

    @property
    def command(self) -> list[str]:
        """The program and its command."""
        return [sys.executable, "-m", "shammah_tui", "doctor"]

    def run(self, *arguments: str, **environment: str) -> Told:
        """Run it in a pipe; what is said in ``environment`` is added, empty takes away."""
        seen = {**self.environment, **environment}
        done = subprocess.run(
            [*self.command, *arguments],
            env={name: value for name, value in seen.items() if value},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        return Told(done.returncode, done.stdout.decode(), done.stderr.decode())

    def configure(self, toml: str) -> Path:
        """Write the settings file and return its path."""
        path = self.home / ".config" / "shammah" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml)
        return path


def closed_port() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
