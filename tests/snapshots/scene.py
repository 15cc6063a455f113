"""An app on its way to a state of the screen that is kept as a picture, and what is said in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from shammah_tui.core.conversation.reply import ReplyDone, StopReason, Usage
from shammah_tui.core.local.generator import Downloading, Loading, Ready
from shammah_tui.core.protocol import engine_messages
from shammah_tui.core.protocol.engine_messages import ModelLoaded
from shammah_tui.core.protocol.fetch_messages import Fetched, Progressed
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.looks import rows

DONE = ReplyDone(StopReason.END_TURN, Usage(20, 90), "claude-sonnet-5-5")
SIZE_BYTES = 5_680_522_464
REPLY = """A lifetime says **how long a reference stays valid**. Most are inferred; you write one \
where the compiler cannot tell:

```rust
fn longest<'a>(x: &'a str, y: &'a str) -> &'a str {
    if x.len() > y.len() { x } else { y }
}
```

- `'a` ties the result to both arguments
- `'static` lasts as long as the program
"""
WIDE = """这是一个关于语言模型的问题，请用简短的话回答它。한국어 질문입니다.
👩\u200d💻 👍🏽 ❤\ufe0f 🇩🇪 e\u0301a\u0300o\u0302 नमस्ते
שָׁלוֹם, מַה שְּׁלוֹמְךָ? مرحبا كيف حالك اليوم؟"""
LONG_CODE = """A line that is longer than the screen is wide:

```python
message = "a rather long line, which stays one line and scrolls within its block" * 2
print(message)
```

| who | what it costs | where it is |
|---|---|---|
| Local | nothing | here |
| Claude | a little | far away |
"""
LOCAL_REPLY = """Three rules:

1. Each value has one owner
2. A value moves when it is assigned or passed on
3. It is dropped when its owner goes out of scope
"""


@dataclass
class Scene:
    """An app on its way to one state of the screen."""

    stage: Stage
    app: ShammahApp
    pilot: Pilot[None]

    async def ask(self, text: str) -> None:
        """Send a question and wait for the end of its reply."""
        self.app.screen.query_one(Composer).text = text
        await self.pilot.pause()
        await self.pilot.press("enter")
        await wait_until(self.pilot, lambda: not self.app.screen.query_one(Composer).text)
        await self.pilot.app.workers.wait_for_complete()
        await self.pilot.pause(0.2)

    async def download(self) -> None:
        """Be at 45 percent."""
        await wait_until(self.pilot, lambda: bool(self.stage.source.fetches))
        fetch = self.stage.source.fetches[-1]
        fetch.emit(Progressed(int(SIZE_BYTES * 0.45), SIZE_BYTES, 37.6e6, 1, 1))
        await wait_for_state(self.pilot, self.app, Downloading)
        await wait_until(self.pilot, lambda: "45" in self.app.export_screenshot())

    async def load(self) -> None:
        """Be half loaded."""
        self.stage.source.fetches[-1].emit(Fetched((str(Path(__file__)),)))
        await wait_until(self.pilot, lambda: bool(self.stage.starter.engines))
        self.stage.starter.engines[-1].emit(engine_messages.LoadProgressed(0.6))
        await wait_for_state(self.pilot, self.app, Loading)
        await wait_until(self.pilot, lambda: "60" in self.app.export_screenshot())

    async def ready(self) -> None:
        """Be ready on a graphics card."""
        engine = self.stage.starter.engines[-1]
        engine.text = LOCAL_REPLY
        engine.emit(ModelLoaded("CUDA", 33, 33, 8192, "Qwen"))
        await wait_for_state(self.pilot, self.app, Ready)

    async def shows(self, text: str, *, is_there: bool = True) -> None:
        """Wait until a text is on the screen, or is no longer."""
        await wait_until(self.pilot, lambda: (text in "\n".join(rows(self.app))) is is_there)

    async def press(self, key: str, screen: type[Screen[Any]]) -> None:
        """Press a key that opens a screen."""
        await self.pilot.pause()
        await self.pilot.press(key)
        await wait_until(self.pilot, lambda: isinstance(self.app.screen, screen))
