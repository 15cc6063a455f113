"""A stand-in for Claude: streams a text that says that it is one, as the Messages API would."""

import json
import re
import time
from typing import Any

from shammah_tui.commands.demo.loopback import LoopbackHandler, LoopbackServer
from shammah_tui.core.wording import commands as words

MODEL = "stand-in"
"""The model's name in the settings, hence in every label: ``Claude (stand-in)``."""

_WORD_S = 0.035


class StandIn(LoopbackServer):
    """The Messages API as far as the program uses it."""

    def __init__(self) -> None:
        super().__init__(_Handler)


class _Handler(LoopbackHandler):
    def do_GET(self) -> None:  # noqa: N802 - its name
        """Refuse: a key given in the program is not checked here."""
        self._refuse()

    def do_POST(self) -> None:  # noqa: N802 - its name
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        body: dict[str, Any] = json.loads(raw)
        if self.path != "/v1/messages" or not body.get("stream"):
            self._refuse()
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        self._stream(words.stand_in_reply(str(body["messages"][-1]["content"])), len(raw) // 4)

    def _refuse(self) -> None:
        error = {"type": "not_found_error", "message": words.STAND_IN_ONLY_REPLIES}
        self.answer(404, json.dumps({"type": "error", "error": error}).encode())

    def _stream(self, text: str, prompt_tokens: int) -> None:
        usage = {"input_tokens": prompt_tokens, "output_tokens": 1}
        message = {"id": "msg_0", "type": "message", "role": "assistant", "model": MODEL}
        ending: dict[str, Any] = {
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        self._event("message_start", message=message | ending)
        self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for piece in re.findall(r"\S+\s*|\s+", text):
            time.sleep(_WORD_S)
            self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        self._event("content_block_stop", index=0)
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        self._event("message_delta", delta=delta, usage={"output_tokens": len(text) // 4})
        self._event("message_stop")

    def _event(self, kind: str, **fields: object) -> None:
        data = json.dumps({"type": kind, **fields})
        self.wfile.write(f"event: {kind}\ndata: {data}\n\n".encode())
        self.wfile.flush()
