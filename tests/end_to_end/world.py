"""What is around the program in an end-to-end test: a home, a hub, a Messages API, weights."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from shammah_tui.core.model.hub_names import PARTIAL_SUFFIX
from tests.end_to_end.terminal import Terminal
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI

KEY = "sk-ant-end-to-end-0123456789"
REPO = "test/Tiny-GGUF"
LABEL = "Tiny Q4_K_M"
FILE = "Tiny-Q4_K_M.gguf"
MODEL_BYTES = 12_000_000
SLOW_BYTES_PER_S = 1_000_000
"""A download at this rate lasts 12 s, much longer than anything that is done meanwhile."""
BLOCK_BYTES = 64 * 1024
CLAUDE_REPLY = "This comes from the **far** side, in a few plain words."
OTHER_REPLY = "I am another one and speak from here, too."
CLAUDE_SHOWN = "This comes from the far side, in a few plain words."


@dataclass
class World:
    """Everything outside the program, and a way to start it.

    Attributes:
        home: The home folder, empty at first.
        models: The folder with the weights.
        hub: Holds ``REPO``.
        api: Replies with ``CLAUDE_REPLY`` unless told otherwise.
        environment: What the program sees.
    """

    home: Path
    models: Path
    hub: LoopbackHub
    api: LoopbackMessagesAPI
    environment: dict[str, str] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(
        self, *arguments: str, columns: int = 80, rows: int = 24, typed_ahead: str = ""
    ) -> Terminal:
        """Start the program in a window of its own, which is closed at the end of the test."""
        command = [sys.executable, "-m", "shammah_tui", *arguments]
        return self.stack.enter_context(
            Terminal(command, self.environment, self.home.parent, columns, rows, typed_ahead)
        )

    def open(self, *arguments: str, columns: int = 80, rows: int = 24) -> Terminal:
        """Start and return when the first frame is there."""
        terminal = self.start(*arguments, columns=columns, rows=rows)
        terminal.wait_for("Ask anything")
        return terminal

    def start_ready(self, file: str = FILE, *arguments: str) -> Terminal:
        """Start with a file of this machine and return when its model is ready."""
        terminal = self.start("--model", str(self.models / file), *arguments)
        terminal.wait_for("ready · CPU")
        return terminal

    def start_downloading(self, columns: int = 80, rows: int = 24) -> Terminal:
        """Start with a slow download and return when some of it has arrived."""
        self.hub.throttle(SLOW_BYTES_PER_S)
        terminal = self.start("--model", REPO, columns=columns, rows=rows)
        self.hub.wait_for_bytes(self.hub.bytes_served + 6 * BLOCK_BYTES)
        terminal.wait_for_match(r"Downloading Tiny Q4_K_M [1-9]\d? %")
        return terminal

    def configure(self, toml: str) -> Path:
        """Write the settings file and return its path."""
        path = self.home / ".config" / "shammah" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml)
        return path

    def partial_bytes(self) -> int:
        """Return the size on disk of what was fetched in part; 0 when there is nothing."""
        blobs = self.home.glob(f".cache/huggingface/hub/*/blobs/*{PARTIAL_SUFFIX}")
        return sum(path.stat().st_size for path in blobs)

    def logs(self) -> str:
        """Return everything that was logged."""
        folder = self.home / ".local" / "state" / "shammah" / "log"
        return "\n".join(path.read_text(errors="replace") for path in sorted(folder.iterdir()))
