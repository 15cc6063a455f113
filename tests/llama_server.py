"""llama-cpp-python's own OpenAI-compatible server, as a child process on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 10.0


class LlamaServer:
    """The server with one model; a context manager.

    Args:
        model: The GGUF file.
        log: Where its output goes.
        alias: The name that it serves the model under; empty is the path.
        key: The key that it demands; empty demands none.
        context_length: Tokens of context.
    """

    def __init__(
        self, model: Path, log: Path, alias: str = "", key: str = "", context_length: int = 2048
    ) -> None:
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        arguments = ["--model", str(model), "--host", "127.0.0.1", "--port", str(self.port)]
        arguments += ["--n_ctx", str(context_length), "--n_threads", "1"]
        arguments += ["--model_alias", alias] if alias else []
        arguments += ["--api_key", key] if key else []
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "llama_cpp.server", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        """Its address, without ``/v1``."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._wait_until_up()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it at once, as if its machine had lost power; may be called twice."""
        self._process.kill()
        self._process.wait(END_TIMEOUT_S)

    def wait_for_output(self, text: str, timeout_s: float = 20.0) -> None:
        """Return once it has printed ``text``.

        Raises:
            TimeoutError: It did not.
        """
        until = time.monotonic() + timeout_s
        while text not in self.output():
            if time.monotonic() > until:
                raise TimeoutError(self.output())
            time.sleep(0.02)

    def output(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text(errors="replace")

    def _wait_until_up(self) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until:
            assert self._process.poll() is None, self.output()
            try:
                with urllib.request.urlopen(f"{self.url}/docs", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                # There is nothing to wait on but the port; it takes about a second.
                time.sleep(0.05)
        raise TimeoutError(self.output())
