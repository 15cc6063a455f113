"""Where a message is written."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.events import Key, Paste
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import TextArea

from shammah_tui.core.paste_tokens import PasteTokens
from shammah_tui.core.question_history import QuestionHistory
from shammah_tui.ui.keys import SLASH_COMMANDS, Home, KeyCommand, bindings_of, spoken
from shammah_tui.ui.plain_mode import is_plain

# What is imported in methods alone costs 3 ms before the first frame.
if TYPE_CHECKING:
    from shammah_tui.ui.widgets.completion_list import Completion, CompletionList


INVISIBLE = "\u200c\u200d\u200e\u200f"
"""What Textual takes for no character: joiners, without which Persian and emoji fall apart, and
direction marks."""


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

    BINDINGS = bindings_of(Home.COMPOSER)

    has_text = reactive(False)
    """Whether there is anything to send."""

    edited_id: reactive[int | None] = reactive(None)
    """The earlier question that is being edited."""

    # Plain, both: a dataclass costs 1 ms before the first frame.
    class Submitted(Message):
        """The user sends ``text``, which the composer holds no more.

        ``edited_id`` is the earlier question in whose place it is asked.
        """

        def __init__(self, composer: "Composer", text: str, edited_id: int | None = None) -> None:
            super().__init__()
            self.composer = composer
            self.text = text
            self.edited_id = edited_id

    class Commanded(Message):
        """The user has something done by its name, which the composer holds no more."""

        def __init__(self, command: KeyCommand, argument: str) -> None:
            super().__init__()
            self.command = command
            self.argument = argument

    def __init__(self) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder="Ask anything",
            id="composer",
        )
        self._pastes = PasteTokens()
        self.questions = QuestionHistory()
        self.choices_of: Callable[[KeyCommand], Sequence[str]] = lambda _: ()
        """Tells what may stand after a command's name; set by whoever shows the composer."""
        self._completions: CompletionList | None = None
        self._closed_at = ""
        self._set_aside = ""

    def begin_with(self, text: str) -> None:
        """Have ``text`` there from the first drawing on."""
        if text:
            self.load_text(text)
            self.move_cursor(self.document.end)
            # Where the terminal's cursor is in that drawing; wrapped lines come with ``on_resize``.
            self.scroll_cursor_visible()

    def on_resize(self) -> None:
        """Keep the caret in sight, once the lines are wrapped anew."""
        self.call_next(self.scroll_cursor_visible)

    def on_mount(self) -> None:
        """Hold the caret still where nothing shall move."""
        self.cursor_blink = not is_plain(self)
        self.has_text = bool(self.text.strip())

    def on_text_area_changed(self) -> None:
        """Notice when there is something to send, for the footer."""
        self.has_text = bool(self.text.strip())
        self._complete_as_typed()

    def watch_has_text(self) -> None:
        """Show or hide Send in the footer."""
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show Send dimmed while there is nothing to send."""
        if action == "send" and not self.has_text:
            return None
        if action == "give_up_edit":
            return self.edited_id is not None
        return super().check_action(action, parameters)

    def on_key(self, event: Key) -> None:
        """Take the key for Send while Send was disabled: the text before it may be on its way.

        The app decides on a priority binding before keys typed earlier have been handled here.
        """
        self._complete_as_typed()
        if self._move_in_completions(event.key):
            event.stop()
            event.prevent_default()
        elif event.character is not None and event.character in INVISIBLE:
            event.stop()
            event.prevent_default()
            self.replace(event.character, *self.selection, maintain_selection_offset=False)
        elif event.key == "enter" or not event.is_printable:
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

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up a line; from the first one, to the question before."""
        if select or self.cursor_location[0] > 0 or not self._recall(older=True):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down a line; from the last one, to the question after."""
        last = self.cursor_location[0] == self.document.line_count - 1
        if select or not last or not self._recall(older=False):
            super().action_cursor_down(select)

    def action_delete_left(self) -> None:
        """Delete to the left: a folded paste goes as one."""
        row, column = self.cursor_location
        length = self._pastes.token_before(self.document[row], column)
        if length and self.selection.is_empty:
            self.delete((row, column - length), (row, column))
        else:
            super().action_delete_left()

    async def action_editor(self) -> None:
        """Write the draft in the editor that the environment names."""
        from shammah_tui.ui.editor import EditorError, edit_text

        try:
            with self.app.suspend():
                written = edit_text(self._pastes.expand(self.text), os.environ)
        except (EditorError, SuspendNotSupported) as error:
            reason = str(error) or "This terminal cannot be lent to an editor"
            self.notify(reason, severity="error", markup=False)
            return
        self.load_text(written.rstrip("\n"))
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: Paste) -> None:
        """Insert what was pasted; a large one as a token that expands when it is sent."""
        event.prevent_default()
        start, end = self.selection
        # Terminals send a pasted line end as Enter does: a carriage return.
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        folded = self._pastes.fold(text)
        self.move_cursor(self.replace(folded, start, end).end_location)

    def _recall(self, *, older: bool) -> bool:
        text = self.questions.older(self.text) if older else self.questions.newer()
        if text is None:
            return False
        self.load_text(text)
        self.move_cursor(self.document.end)
        return True

    def _submit(self) -> None:
        self._complete_as_typed()
        chosen = None if self._completions is None else self._completions.chosen
        if chosen is not None and not self._holds(chosen):
            self.complete(chosen)
            return
        from shammah_tui.core.slash import SlashCommand, UnknownCommand, read_slash

        text = self._pastes.expand(self.text).strip()
        match read_slash(text, SLASH_COMMANDS):
            case "":
                pass
            case UnknownCommand(hint):
                self.notify(hint, severity="warning", markup=False)
            case SlashCommand(name, argument):
                self._do(SLASH_COMMANDS[name], argument)
            case str(said):
                self._empty()
                self.questions.add(text)
                self._hand_over(said)

    def _do(self, command: KeyCommand, argument: str) -> None:
        if argument and not command.argument:
            hint = f"{command.usage} takes nothing after it. To send it as text, begin with //"
            self.notify(hint, severity="warning", markup=False)
        elif not argument and command.argument and not command.argument.startswith("["):
            self.complete(_of_command(command))
            self.notify(f"Write it after the name: {command.usage}", markup=False)
        else:
            self._empty()
            self.post_message(self.Commanded(command, argument))

    def _empty(self) -> None:
        # Here and now: what is typed next belongs to the next message.
        self.clear()
        self._pastes = PasteTokens()

    def action_ask(self, side: str, question: str = "") -> None:
        """Ask one side; without a question, have one written."""
        if question:
            self.questions.add(f"/{side} {question}")
            self._hand_over(f"@{side} {question}")
        else:
            self.load_text(f"/{side} {self.text}")
            self.move_cursor(self.document.end)

    def complete(self, completion: "Completion") -> None:
        """Write what was chosen in place of what has been typed of it."""
        self.load_text(completion.text)
        self.move_cursor(self.document.end)
        if not completion.text.endswith(" "):
            self._closed_at = self.text
        self._complete_as_typed()

    def _complete_as_typed(self) -> None:
        """Offer what goes on from what stands here now.

        By the text and not by its messages: keys typed after it may have been handled before.
        """
        if self.text != self._closed_at:
            self._closed_at = ""
        if self._closed_at or "/" not in self.text:
            self._offer(())
            return
        from shammah_tui.core.slash import typed_argument, typed_name
        from shammah_tui.ui.widgets.completion_list import Completion

        name, argument = typed_name(self.text), typed_argument(self.text, SLASH_COMMANDS)
        if name is not None:
            found = [each for slash, each in SLASH_COMMANDS.items() if slash.startswith(name)]
            self._offer([_of_command(each) for each in found])
        elif argument is not None:
            choices = self.choices_of(SLASH_COMMANDS[argument.name])
            fit = [each for each in choices if each.lower().startswith(argument.argument.lower())]
            self._offer(
                [Completion(f"/{argument.name} {each}", each) for each in fit],
                is_begun=bool(argument.argument),
            )
        else:
            self._offer(())

    def _offer(self, completions: "Sequence[Completion]", *, is_begun: bool = True) -> None:
        if self._completions is None and completions:
            # Above the composer, and not earlier: it would take 6 ms of the program's start.
            from shammah_tui.ui.widgets.completion_list import CompletionList

            self._completions = CompletionList()
            self.screen.mount(self._completions, before=self)
        if self._completions is not None:
            self._completions.offer(completions, is_begun=is_begun)

    def _holds(self, completion: "Completion") -> bool:
        return self.text.strip().lower() == completion.text.strip().lower()

    def _move_in_completions(self, key: str) -> bool:
        if self._completions is None or not self._completions.is_open:
            return False
        chosen = self._completions.chosen
        match key:
            case "up":
                self._completions.move(-1)
            case "down":
                self._completions.move(1)
            case "tab" | "enter" if chosen is not None and not self._holds(chosen):
                self.complete(chosen)
            case "tab" if chosen is None:
                self._completions.move(1)
            case "tab":
                pass
            case "escape":
                self._closed_at = self.text
                self._offer(())
            case _:
                return False
        return True

    def _hand_over(self, text: str) -> None:
        self.post_message(self.Submitted(self, text, self.edited_id))
        self.action_give_up_edit()

    @property
    def question(self) -> str:
        """What would be asked if it were sent now; empty for a command, and for an edit."""
        from shammah_tui.core.slash import read_slash

        said = read_slash(self._pastes.expand(self.text).strip(), SLASH_COMMANDS)
        return said if isinstance(said, str) and self.edited_id is None else ""

    @property
    def draft(self) -> str:
        """The message that is being written, which an edit of an earlier one sets aside."""
        return self.text if self.edited_id is None else self._set_aside

    def begin_edit(self, question_id: int, text: str) -> None:
        """Have an earlier question changed; what is being written waits meanwhile."""
        self._set_aside = self.draft
        self.edited_id = question_id
        self.load_text(text)
        self.move_cursor(self.document.end)
        self.screen.set_focus(self)
        keys = self.screen.active_bindings.items()
        giving_up = next((key for key, way in keys if way.binding.id == "give_up_edit"), "")
        way_out = f" · {spoken(giving_up)} gives it up" if giving_up else ""
        self.border_title = f"Editing an earlier question{way_out}"

    def action_give_up_edit(self) -> None:
        """Go back to the message that was being written; nothing where none is edited."""
        if self.edited_id is not None:
            self.edited_id = None
            self.border_title = None
            self.load_text(self._set_aside)
            self.move_cursor(self.document.end)
            self.refresh_bindings()

    def type(self, text: str) -> None:
        """Take the focus, and ``text`` at the cursor."""
        self.screen.set_focus(self)
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def quote(self, text: str) -> None:
        """Quote ``text`` after what stands here, and go on writing below it."""
        lines = "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
        before = self.text.rstrip("\n")
        self.load_text(f"{before}\n\n{lines}\n\n" if before.strip() else f"{lines}\n\n")
        self.move_cursor(self.document.end)
        self.screen.set_focus(self)

    def _insert_newline(self) -> None:
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def put_back(self, text: str) -> None:
        """Set ``text`` before whatever has been written since, ready to send again."""
        text = self._pastes.fold(text)
        since = self.text
        self.text = f"{text}\n{since}" if since.strip() else text
        self.move_cursor(self.document.end)


def _of_command(command: KeyCommand) -> "Completion":
    from shammah_tui.ui.widgets.completion_list import Completion

    text = f"/{command.slash} " if command.argument else f"/{command.slash}"
    return Completion(text, command.usage, command.description)
