"""The composer: where a question is written, recalled, edited and sent.

Over 400 lines: drafts, history, edits and folded pastes all change the one text area.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Location

from shammah_tui.core.conversation.draft import (
    LONG_LINE,
    Draft,
    Pasted,
    is_folded_when_pasted,
    is_long,
)
from shammah_tui.core.text.blank import is_blank, without_blank_lines_around
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.first_frame import PLACEHOLDER
from shammah_tui.ui.composer.folded_text import (
    Change,
    Fold,
    Moment,
    around,
    folds_of,
    inside,
    lines_alike,
    moved,
)
from shammah_tui.ui.composer.question_history import QuestionHistory
from shammah_tui.ui.composer.slash import (
    Completion,
    SlashCommand,
    UnknownCommand,
    read_slash,
    typed_argument,
    typed_name,
)
from shammah_tui.ui.frame.keys import (
    SLASH_COMMANDS,
    UNBOUND,
    BindingOwner,
    KeyCommand,
    bindings_of,
    spoken,
)
from shammah_tui.ui.frame.plain_mode import is_plain

if TYPE_CHECKING:
    from textual.timer import Timer

    from shammah_tui.ui.composer.completion_list import CompletionList

_MOST = 256
"""Characters that are looked at: nobody writes a sign of more."""


def sign_before(text: str, end: int) -> int:
    """Return where the sign begins that ends at ``end``, which is above 0 (Unicode Annex 29)."""
    if text[end - 1].isascii():
        return end - 1
    # Deferred: 30 ms, which another thread spends where it can (``prepare_for_replies``).
    from wcwidth import grapheme_boundary_before

    first = max(0, end - _MOST)
    return first + grapheme_boundary_before(text[first:end], end - first)


def sign_after(text: str, start: int) -> int:
    """Return where the sign ends that begins at ``start``, which is before the text's end."""
    if start + 1 == len(text) or text[start + 1].isascii():
        return start + 1
    from wcwidth import iter_graphemes

    return start + len(next(iter_graphemes(text[start : start + _MOST])))


def is_written(character: str) -> bool:
    """Return whether somebody may write a character, seen or not: no control, no line end."""
    from unicodedata import category

    return len(character) == 1 and category(character) not in {"Cc", "Cs", "Zl", "Zp"}


SEEN_AFTER_S = 0.5
"""An offer is answered from then on: an Enter pressed before it could be read means something else.
"""

_NO = "n"
"""Declines what is offered where it is all that is sent."""

_REMEMBERED = 50
"""Sent drafts whose pastes are known: recalled or edited, they are folded as they were."""


def _with_agree(bindings: list[BindingType]) -> list[BindingType]:
    """Return ``bindings`` with the key that sends called by what it does to an offer."""
    return [
        each
        for binding in bindings
        for each in (
            (binding, replace(binding, action="agree", description="Download"))
            if isinstance(binding, Binding) and binding.action == "send"
            else (binding,)
        )
    ]


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

    BINDINGS = _with_agree(bindings_of(BindingOwner.COMPOSER))

    has_text = reactive(False)
    """Whether there is anything to send."""

    edited_id: reactive[int | None] = reactive(None)
    """The earlier question that is being edited."""

    has_offer = reactive(False)
    """Whether what is offered to the user is answered here: by Enter on nothing, or by ``n``."""

    # Plain, all: a dataclass costs 1 ms before the first frame.
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

    class Answered(Message):
        """The user agrees to what is offered, or not."""

        def __init__(self, *, agrees: bool) -> None:
            super().__init__()
            self.agrees = agrees

    def __init__(self) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder=PLACEHOLDER,
            id="composer",
        )
        self.questions = QuestionHistory[Draft]()
        self._folds: tuple[Fold, ...] = ()
        self._sent: dict[str, Draft] = {}
        self.choices_of: Callable[[KeyCommand], Sequence[str]] = lambda _: ()
        """Tells what may stand after a command's name; set by whoever shows the composer."""
        self._completions: CompletionList | None = None
        self._closed_at = ""
        self._offer_timer: Timer | None = None
        self._waiting = self._begun = Draft()
        # At first nothing is read yet: Up waits for it.
        self._awaits_older, self._wants_older = True, False

    def begin_with(self, text: str) -> None:
        """Have ``text`` there from the first drawing on."""
        if text:
            self.load(Draft.of(text))
            # Where the terminal's cursor is in that drawing; wrapped lines come with ``on_resize``.
            self.scroll_cursor_visible()

    def on_resize(self) -> None:
        self.call_next(self.scroll_cursor_visible)

    def on_mount(self) -> None:
        self.cursor_blink = not is_plain(self)
        self.has_text = not self.shown_draft.is_blank

    def on_text_area_changed(self) -> None:
        self.has_text = not self.shown_draft.is_blank
        self._complete_as_typed()

    def watch_has_text(self) -> None:
        self.refresh_bindings()

    watch_has_offer = watch_has_text

    @property
    def can_agree(self) -> bool:
        """Whether Enter agrees to what is offered."""
        return self.has_offer and self.has_focus and not self.has_text

    def offer(self, *, is_open: bool) -> None:
        """Take answers to an offer once it was seen, until it is no longer open."""
        if self._offer_timer is not None:
            self._offer_timer.stop()
        self.has_offer, self._offer_timer = False, None
        if is_open:
            take = partial(setattr, self, "has_offer", True)
            self._offer_timer = self.set_timer(SEEN_AFTER_S, take)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "send" and not self.has_text:
            return False if self.has_offer else None
        if action == "agree":
            return self.has_offer and not self.has_text
        if action == "give_up_edit":
            return self.edited_id is not None
        if action == "clear":
            return bool(self.text)
        return super().check_action(action, parameters)

    async def on_key(self, event: Key) -> None:
        """Take the key for Send while Send was disabled: the text before it may be on its way.

        The app decides on a priority binding before keys typed earlier have been handled here.
        """
        self._complete_as_typed()
        # What is bound takes 1 ms to find out, which letters do without.
        is_letter = event.is_printable and not event.key.startswith("alt+")
        self._wants_older = self._wants_older and not is_letter
        active = None if is_letter else self.screen.active_bindings.get(event.key)
        if self._move_in_completions(event.key) or self._write(event, is_bound=active is not None):
            event.stop()
            event.prevent_default()
        elif active is not None and active.binding.id == "send":
            event.stop()
            event.prevent_default()
            self._submit()
        elif (
            active is not None
            and active.node is self
            and active.enabled
            # Here and now: on its way up to the app, later letters would overtake it.
            and await self.app.run_action(active.binding.action, self)
        ):
            event.stop()
            event.prevent_default()

    def _write(self, event: Key, *, is_bound: bool) -> bool:
        """Take a key of which Textual makes something else; return whether it was one."""
        if event.key == "tab" or (event.key == "shift+tab" and self.text):
            self._indent(deeper=event.key == "tab")
            return True
        if event.is_printable:
            # Not a letter: a shortcut of other programs.
            return event.key.startswith("alt+") and not is_bound
        if event.character is None or is_bound or not is_written(event.character):
            return False
        self.replace(event.character, *self.selection, maintain_selection_offset=False)
        return True

    def _indent(self, *, deeper: bool) -> None:
        """Indent or outdent in a text of several lines, or at a line's beginning; else nothing."""
        row, column = self.cursor_location
        line, is_alone = self.document[row], self.document.line_count == 1
        if not self.selection.is_empty or not self.text or (is_alone and line[:column].strip()):
            return
        if deeper:
            above = self.document[row - 1] if row else ""
            has_tab = (line[:column] or above).startswith("\t")
            width = self.indent_width
            indent = "\t" if has_tab else " " * (width - self.get_column_width(row, column) % width)
            self.insert(indent, maintain_selection_offset=True)
        elif line[:1].isspace():
            blanks = len(line) - len(line.lstrip(" "))
            self.delete((row, 0), (row, 1 if line[0] == "\t" else min(blanks, self.indent_width)))

    def action_send(self) -> None:
        """Hand the text over, after the keys typed before this one."""
        self.call_later(self._submit)

    # It is decided once the keys typed before it are here.
    action_agree = action_send

    def action_newline(self) -> None:
        self.call_later(self._insert_newline)

    def action_clear(self) -> None:
        """Empty the composer; undo brings everything back."""
        self._show(Draft(), self.edited_id, self.questions.mark)

    def action_cursor_up(self, select: bool = False) -> None:
        is_first = self.navigator.is_first_wrapped_line(self.cursor_location)
        if select or not is_first or not self._recall(older=True):
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        is_last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not is_last or not self._recall(older=False):
            super().action_cursor_down(select)

    def get_cursor_left_location(self) -> Location:
        """Return where the sign before the cursor begins, or the placeholder before it."""
        row, column = at = self.cursor_location
        fold = next((each for each in self._folds if each.start < at <= each.end), None)
        if fold is not None:
            return fold.start
        if column == 0:
            return super().get_cursor_left_location()
        return row, sign_before(self.document[row], column)

    def get_cursor_right_location(self) -> Location:
        """Return where the sign at the cursor ends, or the placeholder that begins there."""
        row, column = at = self.cursor_location
        fold = next((each for each in self._folds if each.start <= at < each.end), None)
        if fold is not None:
            return fold.end
        line = self.document[row]
        if column == len(line):
            return super().get_cursor_right_location()
        return row, sign_after(line, column)

    def get_cursor_word_left_location(self) -> Location:
        """Return where the word before the cursor begins; a placeholder is one."""
        at = super().get_cursor_word_left_location()
        fold = inside(self._folds, at)
        return at if fold is None else fold.start

    def get_cursor_word_right_location(self) -> Location:
        """Return where the word at the cursor ends; a placeholder is one."""
        at = super().get_cursor_word_right_location()
        fold = inside(self._folds, at)
        return at if fold is None else fold.end

    async def action_editor(self) -> None:
        from shammah_tui.ui.composer.editor import EditorError, edit_text

        draft = self.shown_draft
        try:
            with self.app.suspend():
                written = edit_text(draft.text, os.environ)
        except (EditorError, SuspendNotSupported) as error:
            reason = str(error) or notices.NO_TERMINAL_FOR_EDITOR
            self.notify(reason, severity="error", markup=False)
            return
        self._show(draft.rewritten(written.rstrip("\n")), self.edited_id, self.questions.mark)

    async def on_paste(self, event: Paste) -> None:
        event.prevent_default()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        text = lines_alike(text)
        line = len(self.document[self.cursor_location[0]]) + len(text)
        self._insert(text, is_folded=is_folded_when_pasted(text) or line > LONG_LINE)

    def _insert(self, text: str, *, is_folded: bool) -> None:
        """Put ``text`` in place of the selection, folded or as it is."""
        start, end = self.selection
        if not is_folded:
            self.replace(text, start, end, maintain_selection_offset=False)
            return
        pasted = Pasted(text, max((fold.pasted.number for fold in self._folds), default=0) + 1)
        shown = pasted.placeholder
        row, column = self.replace(shown, start, end, maintain_selection_offset=False).end_location
        fold = Fold((row, column - len(shown)), (row, column), pasted)
        self._folds = tuple(sorted((*self._folds, fold), key=lambda each: each.start))
        self._change.moment_after = self._moment

    # What stands here is a draft: typed text and folded pastes.

    @property
    def shown_draft(self) -> Draft:
        """What stands here now, be it the draft, an earlier text or an edit of one."""
        if not self._folds:
            return Draft(self.text)
        pieces: list[str | Pasted] = []
        at = (0, 0)
        for fold in self._folds:
            pieces += [self.get_text_range(at, fold.start), fold.pasted]
            at = fold.end
        return Draft(*pieces, self.get_text_range(at, self.document.end))

    @property
    def draft(self) -> Draft:
        """What is being written, which waits where an earlier text is recalled or edited."""
        if self.edited_id is not None:
            return self._waiting
        if self.questions.place is None:
            return self.shown_draft
        return self.questions.draft or Draft()

    @property
    def unsent(self) -> tuple[Draft, ...]:
        """What was written besides the draft: changed texts that were recalled, and edits."""
        shown = self.shown_draft
        unsent = self.questions.unsent(shown)
        if self.edited_id is not None:
            unsent.append(shown)
        draft = self.draft
        return tuple(dict.fromkeys(each for each in unsent if not each.is_blank and each != draft))

    @property
    def _moment(self) -> Moment:
        return self._folds, self.edited_id, self.questions.mark

    def edit(self, edit: Edit) -> EditResult:
        """Change the text: each placeholder whole or not at all, and undone with its paste."""
        top, bottom = around(self._folds, edit.top, edit.bottom)
        self._change = change = Change(edit.text, top, bottom, edit.maintain_selection_offset)
        change.moment_before = self._moment
        self._folds = moved(self._folds, top, bottom, edit.text)
        change.moment_after = self._moment
        return super().edit(change)

    def undo(self) -> None:
        left = self.shown_draft, self.draft
        batches = self.history.undo_stack
        super().undo()
        if batches:
            self._be(batches[-1][0], is_undone=True, left=left)

    def redo(self) -> None:
        left = self.shown_draft, self.draft
        batches = self.history.redo_stack
        super().redo()
        if batches:
            self._be(batches[-1][-1], is_undone=False, left=left)

    def _be(self, change: Edit, *, is_undone: bool, left: tuple[Draft, Draft]) -> None:
        """Be what one was at a change: in the draft, at an earlier text, or in an edit of one.

        ``left`` is what was shown, and what was being written: the latter is never lost.
        """
        if not isinstance(change, Change):
            return
        shown, draft = left
        self._folds, edited_id, mark = change.moment_before if is_undone else change.moment_after
        self.questions.go_back_to(mark, draft)
        if edited_id is not None and self.edited_id is None:
            self._waiting = draft
        elif edited_id is None and mark is None and draft not in (shown, self.shown_draft):
            self._keep_aside(draft)
        self.edited_id = edited_id

    def _show(self, draft: Draft, edited_id: int | None = None, mark: int | None = None) -> Change:
        """Show ``draft`` in place of what stands here, as one change that can be undone."""
        # Undo takes it back alone.
        self.history.checkpoint()
        draft = Draft(*(lines_alike(p) if isinstance(p, str) else p for p in draft.pieces))
        self.replace(draft.shown, (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self._folds, self.edited_id = folds_of(draft), edited_id
        self.questions.go_back_to(mark, self.questions.draft or draft)
        self._change.moment_after = self._moment
        return self._change

    def _keep_aside(self, draft: Draft) -> None:
        from shammah_tui.core.text.secrets import without_keys

        # A key was being given, and is not to be gone back to.
        if not draft.is_blank and without_keys(draft.text) == draft.text:
            self.questions.set_aside(draft)

    def load_text(self, text: str) -> None:
        self.load(Draft.of(text))

    def load(self, draft: Draft) -> None:
        """Begin anew with ``draft``: nothing is undone beyond here."""
        draft = Draft(*(lines_alike(p) if isinstance(p, str) else p for p in draft.pieces))
        self.edited_id = self.questions.place = None
        super().load_text(draft.shown)
        self._folds = folds_of(draft)
        self.move_cursor(self.document.end)

    def begin(self, draft: Draft, questions: QuestionHistory[Draft]) -> None:
        """Begin anew, as in another conversation; ``questions`` are those that were asked in it."""
        self.questions = questions
        self._awaits_older = False
        self.load(draft)

    def go_to_draft(self) -> None:
        """Show the draft, where an earlier text is recalled or edited; what is left is kept."""
        self.action_give_up_edit()
        if self.questions.place is not None:
            before, draft, unsent = self._moment, self.draft, self.unsent
            self.questions.place = None
            for each in unsent:
                self._keep_aside(each)
            self._show(draft).moment_before = before

    def write_instead(self, text: str) -> None:
        """Go on with ``text``; what is being written is kept, one step back."""
        self.go_to_draft()
        self._keep_aside(self.shown_draft)
        self._show(self.as_written(text))

    def as_written(self, text: str) -> Draft:
        """Return a text that was sent, folded as it was when it was written."""
        return self._sent.get(text) or Draft.of(lines_alike(text))

    def await_older(self) -> None:
        """Know that there are more questions, which ``add_older`` brings."""
        self._awaits_older = True

    def add_older(self, questions: Sequence[str]) -> None:
        """Take questions of other conversations, oldest first, and go to one if that was wanted."""
        self.questions.set_before(map(self.as_written, questions))
        self._awaits_older = False
        if self._wants_older:
            self._wants_older = False
            self._recall(older=True)

    def _recall(self, *, older: bool) -> bool:
        if self.edited_id is not None:
            return False
        before, shown = self._moment, self.shown_draft
        found = self.questions.older(shown) if older else self.questions.newer(shown)
        if found is None:
            self._wants_older = older and self._awaits_older
            return self._wants_older
        self._show(found, mark=self.questions.mark).moment_before = before
        return True

    def _submit(self) -> None:
        self._complete_as_typed()
        chosen = None if self._completions is None else self._completions.chosen
        if chosen is not None and not self._holds(chosen):
            self.complete(chosen)
            return
        if self._takes_backslash():
            return
        draft = self.shown_draft
        text = without_blank_lines_around(draft.text)
        if self.has_offer and self._is_draft and text.strip().lower() in ("", _NO):
            if self.text:
                self._show(Draft())
            self.post_message(self.Answered(agrees=not text.strip()))
            return
        match _said(text):
            case "":
                pass
            case UnknownCommand(hint):
                self.notify(hint, severity="warning", markup=False)
            case SlashCommand(name, argument):
                self._do(SLASH_COMMANDS[name], argument)
            case str(said):
                self._remember(said, draft)
                self._leave(Draft(text) if not draft.pastes else draft, said)

    def _takes_backslash(self) -> bool:
        """Begin a new line where a backslash stands before the cursor; two stand for one."""
        row, column = self.cursor_location
        before = self.document[row][:column]
        count = len(before) - len(before.rstrip("\\"))
        if count % 2 and self.selection.is_empty:
            self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
        return count % 2 == 1 and self.selection.is_empty

    def _do(self, command: KeyCommand, argument: str) -> None:
        if argument and not command.argument:
            hint = notices.no_argument(command.usage)
            self.notify(hint, severity="warning", markup=False)
        elif not argument and command.argument and not command.argument.startswith("["):
            self.complete(_of_command(command))
            self.notify(notices.argument_missing(command.usage), markup=False)
        elif argument and command.id == "key":
            # Neither the way back to earlier texts nor undo leads to it.
            self.questions.forget_change()
            self.load(Draft() if self._is_draft else self.draft)
            self.post_message(self.Commanded(command, argument))
        else:
            before, edited_id = self._moment, self.edited_id
            draft = Draft() if self._is_draft or edited_id is not None else self.draft
            self.questions.place = None
            self._show(draft, edited_id).moment_before = before
            self.post_message(self.Commanded(command, argument))

    @property
    def _is_draft(self) -> bool:
        return self.edited_id is None and self.questions.place is None

    def _remember(self, said: str, draft: Draft) -> None:
        if draft.pastes or draft.shown != said:
            self._sent.pop(said, None)
            self._sent[said] = draft
            if len(self._sent) > _REMEMBERED:
                del self._sent[next(iter(self._sent))]

    def _leave(self, sent: Draft, said: str) -> None:
        """Hand ``said`` over, and go back to what is being written besides.

        Here and now: what is typed next belongs to the next message.
        """
        before, edited_id = self._moment, self.edited_id
        draft = Draft() if self._is_draft else self.draft
        self.questions.add(sent)
        self._show(draft).moment_before = before
        self.post_message(self.Submitted(self, said, edited_id))
        if self.has_offer:
            # Enter once too often is no answer.
            self.offer(is_open=True)

    def action_ask(self, side: str, question: str = "") -> None:
        """Ask one side; without a question, have one written."""
        if question:
            self.questions.add(Draft.of(f"/{side} {question}"))
            edited_id, draft = self.edited_id, self.draft
            if edited_id is not None:
                self._show(draft)
            self.post_message(self.Submitted(self, f"@{side} {question}", edited_id))
        else:
            self.insert(f"/{side} ", (0, 0))
            self.move_cursor(self.document.end)

    def complete(self, completion: Completion) -> None:
        self._show(Draft(completion.text), self.edited_id, self.questions.mark)
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
        name, argument = typed_name(self.text), typed_argument(self.text, SLASH_COMMANDS)
        if name is not None:
            self._offer(self._commands(name))
        elif argument is not None:
            choices = self.choices_of(SLASH_COMMANDS[argument.name])
            fit = [each for each in choices if each.lower().startswith(argument.argument.lower())]
            self._offer(
                [Completion(f"/{argument.name} {each}", each) for each in fit],
                is_begun=bool(argument.argument),
            )
        else:
            self._offer(())

    def _commands(self, begun: str) -> list[Completion]:
        """Return the commands whose names begin so, those last whose keys do nothing now."""
        bound = {each.binding.id: key for key, each in self.screen.active_bindings.items()}
        found = [each for slash, each in SLASH_COMMANDS.items() if slash.startswith(begun)]
        found.sort(key=lambda each: bool(each.keys) and each.id not in bound)
        return [_of_command(each, bound.get(each.id, "")) for each in found]

    def _offer(self, completions: Sequence[Completion], *, is_begun: bool = True) -> None:
        if self._completions is None and completions:
            # Above the composer, and not earlier: it would take 6 ms of the program's start.
            from shammah_tui.ui.composer.completion_list import CompletionList

            self._completions = CompletionList()
            self.screen.mount(self._completions, before=self)
        if self._completions is not None:
            self._completions.offer(completions, is_begun=is_begun)

    def _holds(self, completion: Completion) -> bool:
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

    @property
    def question(self) -> str:
        """What would be asked if it were sent now; empty for a command, and for an edit."""
        said = _said(without_blank_lines_around(self.shown_draft.text))
        return said if isinstance(said, str) and self.edited_id is None else ""

    def begin_edit(self, question_id: int, text: str) -> None:
        """Have an earlier question changed; what is being written waits meanwhile."""
        before, waiting, unsent = self._moment, self.draft, self.unsent
        self.questions.place = None
        for each in unsent:
            self._keep_aside(each)
        self.screen.set_focus(self)
        self._begun = self.as_written(text)
        self._show(self._begun, question_id).moment_before = before
        self._waiting = waiting

    def watch_edited_id(self) -> None:
        """Say that an earlier question is edited, and the way out."""
        if not self.is_attached:
            return
        self.border_title = None
        if self.edited_id is not None:
            keys = self.screen.active_bindings.items()
            giving_up = next((key for key, way in keys if way.binding.id == "give_up_edit"), "")
            self.border_title = notices.editing(spoken(giving_up) if giving_up else "")
        self.refresh_bindings()

    def action_give_up_edit(self) -> None:
        """Go back to the message that was being written; nothing where none is edited.

        What was changed is had back by undo, and by going back to it.
        """
        if self.edited_id is not None:
            shown = self.shown_draft
            if shown != self._begun:
                self._keep_aside(shown)
            self._show(self._waiting)

    def type(self, text: str) -> None:
        self.screen.set_focus(self)
        self.replace(text, *self.selection, maintain_selection_offset=False)

    def quote(self, text: str) -> None:
        """Quote ``text`` after what stands here, and go on writing below it."""
        lines = "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
        above = len(self.text) - len(self.text.rstrip("\n"))
        self.move_cursor(self.document.end)
        self._insert("\n" * max(0, 2 - above) if self.text else "", is_folded=False)
        self._insert(lines_alike(lines), is_folded=is_long(lines))
        self._insert("\n\n", is_folded=False)
        self.screen.set_focus(self)

    def _insert_newline(self) -> None:
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def put_back(self, text: str | Draft) -> None:
        """Set ``text`` before whatever has been written since, ready to send again."""
        draft = self.as_written(text) if isinstance(text, str) else text
        if self.edited_id is not None:
            self._waiting = draft.before(self._waiting)
        elif self.questions.place is not None:
            self.questions.draft = draft.before(self.draft)
        else:
            self._show(draft.before(self.shown_draft))


def _said(text: str) -> str | SlashCommand | UnknownCommand:
    """Return what a message asks for: a command, or to be sent; empty where nothing is seen."""
    if is_blank(text):
        return ""
    # Deferred: a module less before the first frame.
    from shammah_tui.core.text.secrets import is_key

    bare = text.lstrip()
    if is_key(bare):
        # Meant for the panel, which was not open.
        return SlashCommand("key", bare)
    said = read_slash(bare, SLASH_COMMANDS)
    return text if said == bare else said


def _of_command(command: KeyCommand, key: str = "") -> Completion:
    text = f"/{command.slash} " if command.argument else f"/{command.slash}"
    # A letter is a key only where nothing is being written.
    has_key = len(key) > 1 and key != UNBOUND
    said = f"{command.description} · {spoken(key)}" if has_key else command.description
    return Completion(text, command.usage, said)
