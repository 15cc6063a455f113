"""Where a message is written."""

from dataclasses import dataclass

from textual.events import Key
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import TextArea

from shammah_tui.ui.keys import bindings


class Composer(TextArea):
    """A text area in which Enter sends; pasted line ends never do."""

    DEFAULT_CSS = """
    Composer {
        height: auto;
        min-height: 3;
        max-height: 33vh;
        border: round $border-blurred;
        background: $background;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        &:focus { border: round $border; }
    }
    """

    BINDINGS = bindings("send", "newline", "page_up", "page_down", "end")

    has_text = reactive(False)
    """Whether there is anything to send."""

    @dataclass
    class Submitted(Message):
        """The user sends ``text``, which the composer holds no more."""

        composer: "Composer"
        text: str

    def __init__(self) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Ask anything",
            id="composer",
        )

    def on_text_area_changed(self) -> None:
        """Notice when there is something to send, for the footer."""
        self.has_text = bool(self.text.strip())

    def watch_has_text(self) -> None:
        """Show or hide Send in the footer."""
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show Send dimmed while there is nothing to send."""
        if action == "send" and not self.has_text:
            return None
        return super().check_action(action, parameters)

    def on_key(self, event: Key) -> None:
        """Take the key for Send while Send was disabled: the text before it may be on its way.

        The app decides on a priority binding before keys typed earlier have been handled here.
        """
        if event.key == "enter" or not event.is_printable:
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.binding.id == "send":
                event.stop()
                event.prevent_default()
                self._submit()

    def action_send(self) -> None:
        """Hand the text over, after the keys typed before this one."""
        self.call_later(self._submit)

    def action_newline(self) -> None:
        """Insert a line end at the cursor, after the keys typed before this one."""
        self.call_later(self._insert_newline)

    def _submit(self) -> None:
        if text := self.text.strip():
            # Emptied here and now: what is typed next belongs to the next message.
            self.clear()
            self.post_message(self.Submitted(self, text))

    def _insert_newline(self) -> None:
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def put_back(self, text: str) -> None:
        """Set ``text`` before whatever has been written since, ready to send again."""
        since = self.text
        self.text = f"{text}\n{since}" if since.strip() else text
        self.move_cursor(self.document.end)
