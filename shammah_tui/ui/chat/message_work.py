"""What is done with the messages of the conversation that is shown."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass

from textual.screen import Screen

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side, split_pin, with_pin
from shammah_tui.core.conversation.titles import title_from
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.ports import Clipboard
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.turn_events import TurnEvent, Unanswered
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.chat.message_keys import MessageAction
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.chat.saved_file import SavingError, path_of, write_text
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.save_code import SaveCode
from shammah_tui.ui.reply.reply_view import ReplyView

BEGINNING_WIDTH = 32
"""Cells of a message's first words in a notice."""


@dataclass(frozen=True)
class Turns:
    """What the screen does with turns.

    Attributes:
        run: Runs one, so that it can be stopped.
        show: Shows what happens in a reply; returns whether somebody replied.
        may_change: Returns whether the conversation may be changed now; else says why not.
        open: Goes on with another conversation.
        begin: Begins an empty one, private where the present one is.
        is_stopped: Returns whether the user has stopped the present one.
        keep: Keeps what stands in the composer.
    """

    run: Callable[[Coroutine[None, None, None]], None]
    show: Callable[[AsyncGenerator[TurnEvent, None], ReplyView], Awaitable[bool]]
    may_change: Callable[[], bool]
    open: Callable[[int], Awaitable[None]]
    begin: Callable[[], Awaitable[None]]
    is_stopped: Callable[[], bool]
    keep: Callable[[], None]


class MessageWork:
    """Does what messages are asked for, on the screen and in the session.

    Args:
        screen: Whose messages they are.
        session: The conversation.
        pane: Where it is shown.
        composer: Where messages are written.
        clipboard: The system's clipboard; None where there is none but the terminal's.
        turns: What the screen does with turns.
    """

    def __init__(
        self,
        screen: Screen[None],
        session: ChatSession,
        pane: ChatPane,
        composer: Composer,
        clipboard: Clipboard | None,
        turns: Turns,
    ) -> None:
        self._screen = screen
        self._session = session
        self._pane = pane
        self._composer = composer
        self._clipboard = clipboard
        self._turns = turns
        self._code: tuple[MessageBox, int] | None = None
        self._copying = asyncio.Lock()
        self._has_told_doubt = False

    async def go(self, box: MessageBox, action: MessageAction) -> bool:
        """Move the focus, here and now: the next key is for where it goes; False is no move."""
        match action:
            case MessageAction.BEFORE:
                await self._pane.move_focus(box, -1)
            case MessageAction.AFTER:
                await self._pane.move_focus(box, 1)
            case MessageAction.BACK:
                self._screen.set_focus(self._composer)
            case MessageAction.END:
                self._screen.set_focus(self._composer)
                await self._pane.to_end()
            case _:
                return False
        return True

    async def do(self, box: MessageBox, action: MessageAction) -> None:
        """Do one thing with a message, unless it has gone or it cannot be done any more."""
        if box not in self._pane.boxes or not box.can(action):
            return
        match action:
            case MessageAction.COPY:
                self._copy_soon(box.text, "The message")
            case MessageAction.COPY_CODE:
                self._copy_code(box)
            case MessageAction.SAVE_CODE:
                self._screen.run_worker(self._save_code(box), group="save", exclusive=True)
            case MessageAction.QUOTE:
                self._quote(box)
            case MessageAction.UNFOLD if isinstance(box, Question):
                box.unfold()
            case MessageAction.RECEIPT if isinstance(box, ReplyView):
                await box.show_receipt()
            case MessageAction.EARLIER | MessageAction.LATER:
                await self._switch(box, -1 if action is MessageAction.EARLIER else 1)
            case _:
                await self._change(box, action)

    def _quote(self, box: MessageBox) -> None:
        """Quote what is marked by mouse, be it in several messages, else the whole of this one."""
        composer, screen = self._composer, self._screen
        marked, quoted = screen.get_selected_text(), [box]
        if marked:
            within = {each for widget in screen.selections for each in widget.ancestors_with_self}
            quoted += [each for each in self._pane.boxes if each in within]
        composer.quote(marked or box.text)
        text = composer.shown_draft.text
        has_pin = self._session.conversation.is_private or split_pin(text)[0] is not None
        if any(each.stays_here for each in quoted) and not has_pin:
            # It stays here in what is written about it, too, unless the user takes that away.
            composer.insert(with_pin(Side.LOCAL, text).removesuffix(text), (0, 0))

    async def copy(self, text: str, what: str) -> None:
        """Copy ``text`` through the terminal and the system; ``what`` begins the sentence on it."""
        # One after the other: the one that was asked for last is the one to be there in the end.
        async with self._copying:
            self._screen.app.copy_to_clipboard(text)
            if self._clipboard is not None and await self._clipboard.copy(text):
                self._tell(f"{what} was copied")
            elif self._has_told_doubt:
                self._tell("Copied")
            else:
                # Many terminals obey OSC 52, some only when told to; none answers.
                self._has_told_doubt = True
                self._tell("Sent to the clipboard. Your terminal doesn't confirm it.")

    def _copy_soon(self, text: str, what: str) -> None:
        # The system's tool may take seconds.
        self._screen.run_worker(self.copy(text, what), group="copy")

    def recorded(self, view: ReplyView) -> None:
        """Let a reply that was shown know what was kept of it, and its question too."""
        session = self._session
        view.message_id, view.receipt = (
            session.conversation.reply_id,
            session.conversation.receipt,
        )
        said = session.conversation.history
        view.stays_here = bool(said) and said[-1].stays_here
        question = self._pane.question_of(view)
        if question is not None:
            question.message_id = session.conversation.question_id

    async def show_versions(self) -> None:
        """Have each message say which of its versions it is."""
        self._pane.tell_siblings(*await self._session.conversation.branches())

    async def edit(self, question_id: int, text: str) -> None:
        """Ask ``text`` in place of an earlier question."""
        box = self._pane.find(question_id)
        if box is None:
            self._composer.put_back(text)
            return
        view = await self._pane.begin_edited(box, text)
        is_back = True
        try:
            await self._show(self._session.edit(question_id, text), view, question_id)
        except asyncio.CancelledError:
            # Where the program ends, the question stays where it is kept.
            is_back = self._turns.is_stopped()
            raise
        finally:
            if is_back and view.message_id is None:
                self._composer.begin_edit(question_id, text)
                self._session.take_back()
                self._turns.keep()

    def again(self, box: MessageBox, side: Side | None) -> None:
        """Have a message's question answered again; None asks the router."""
        if self._turns.may_change():
            self._turns.run(self._again(box, side, takes_focus=False))

    async def undo(self) -> None:
        """Bring back the messages deleted last."""
        if self._turns.may_change():
            restored = await self._session.conversation.undo()
            if restored is None:
                self._tell("Nothing to undo")
            elif restored.question_id is None:
                self._tell(f"Restored “{plain(restored.text)}”")
            else:
                await self._reload(restored.question_id)
                self._tell(f"Restored “{_beginning(restored.text)}”")
            self._screen.refresh_bindings()

    async def _change(self, box: MessageBox, action: MessageAction) -> None:
        message_id = box.message_id
        if message_id is None or not self._turns.may_change():
            return
        match action:
            case MessageAction.AGAIN:
                self._turns.run(self._again(box, None))
            case MessageAction.OTHER_SIDE:
                self._turns.run(self._again(box, self._other_side(box)))
            case MessageAction.EDIT:
                text = await self._session.conversation.text_to_edit(message_id)
                self._composer.begin_edit(message_id, text)
            case MessageAction.FORK:
                await self._fork(box, message_id)
            case MessageAction.DELETE:
                await self._delete(box, message_id)

    async def _fork(self, box: MessageBox, message_id: int) -> None:
        """Go on in a new conversation: after a reply, or with a question to be changed first."""
        text = await self._session.conversation.text_to_edit(message_id) if box.is_question else ""
        forked = await self._session.conversation.fork(message_id)
        if forked is not None:
            await self._turns.open(forked)
        elif text:
            await self._turns.begin()
        else:
            return
        if text:
            self._composer.write_instead(text)
        self._composer.focus()
        where = (
            "It is private too."
            if self._session.conversation.is_private
            else "The original is under F3."
        )
        self._tell(f"Forked. {where}")

    async def _again(self, box: MessageBox, side: Side | None, *, takes_focus: bool = True) -> None:
        question = self._pane.question_of(box)
        if question is None or question.message_id is None:
            return
        question_id = question.message_id
        view = await self._pane.begin_again(question)
        if takes_focus:
            self._pane.focus_box(view)
        await self._show(self._session.again(question_id, side), view, question_id)

    def _other_side(self, box: MessageBox) -> Side:
        """Return the side that did not give the reply that is shown."""
        boxes = self._pane.boxes
        at = boxes.index(box) + (1 if box.is_question else 0)
        receipt = boxes[at].receipt if at < len(boxes) else None
        is_local = receipt is not None and receipt.side is Side.LOCAL
        return Side.CLAUDE if is_local else Side.LOCAL

    async def _show(
        self, turn: AsyncGenerator[TurnEvent, None], view: ReplyView, question_id: int
    ) -> None:
        """Show a turn that makes a branch; where nobody replied, show what was there before."""
        why: list[str] = []
        try:
            await self._turns.show(_noting(turn, why), view)
        finally:
            # Stopping it cancels the task that runs here; another one has to show the rest.
            self._screen.call_later(
                self._settle, view.message_id is not None, question_id, "".join(why)
            )

    async def _settle(self, is_answered: bool, question_id: int, why: str) -> None:
        if is_answered:
            await self.show_versions()
            return
        is_editing = self._composer.edited_id is not None
        await self._reload(None if is_editing else question_id)
        if why:
            self._tell(why, is_trouble=True)

    async def _switch(self, box: MessageBox, step: int) -> None:
        box = box.versioned
        number, count = box.branch
        if 1 <= number + step <= count and self._turns.may_change():
            wanted = box.versions[number - 1 + step]
            self._session.conversation.show_branch(wanted)
            await self._reload(wanted)
            self._pane.show_beginning(self._pane.find(wanted))

    async def _delete(self, box: MessageBox, message_id: int) -> None:
        if not box.is_selected:
            # The focus came here by itself, as it does after a deletion.
            self._tell("Choose a message with ↑ or ↓ first, then d deletes it")
            return
        boxes = self._pane.boxes
        question = self._pane.question_of(box) or box
        first = boxes.index(question)
        after = next((n for n in range(first + 1, len(boxes)) if boxes[n].is_question), len(boxes))
        gone = await self._session.conversation.delete_turn(message_id)
        if gone is not None:
            neighbours = [*boxes[after:], *reversed(boxes[:first])]
            at = next((each.message_id for each in neighbours if each.message_id), None)
            await self._reload(at)
            key = "u" if self._pane.find(at) is not None else "/undo"
            what = f"“{_beginning(gone.text)}”"
            if gone.role is Role.USER:
                what = f"{what} and its reply"
            self._tell(f"Deleted {what} · {key} undoes")

    async def _reload(self, at: int | None) -> None:
        """Show the conversation as it is kept, with the focus on a message, else the composer."""
        conversation_id = self._session.conversation.id
        if conversation_id is None:
            return
        try:
            opened = await self._session.conversation.open(conversation_id)
        except StoreError as error:
            self._tell(str(error), is_trouble=True)
            return
        path = () if opened is None else opened.path
        siblings = {} if opened is None else opened.siblings
        await self._pane.show(path, siblings, at)
        self._pane.tell_siblings(siblings, None if opened is None else opened.hidden)
        if self._pane.find(at) is None:
            self._composer.focus()
        self._screen.refresh_bindings()

    def _copy_code(self, box: MessageBox) -> None:
        codes = box.codes
        at = self._chosen_code(box, 1)
        self._code = box, at
        which = f"Code block {at + 1} of {len(codes)}" if len(codes) > 1 else "The code block"
        self._copy_soon(codes[at].code, which)

    def _chosen_code(self, box: MessageBox, step: int) -> int:
        """Return the index of the block that has the focus.

        Where none has it, that of the block copied last, or ``step`` further; at first 0.
        """
        blocks, focused = list(box.query("CodeBlock")), self._screen.focused
        if focused in blocks and len(blocks) == len(box.codes):
            return blocks.index(focused)
        before = self._code
        return (before[1] + step) % len(box.codes) if before and before[0] is box else 0

    async def _save_code(self, box: MessageBox) -> None:
        app, codes = self._screen.app, box.codes
        index, name = self._chosen_code(box, 0), ""
        while True:
            answer = await app.push_screen_wait(SaveCode(codes, index, name))
            if answer is None:
                return
            index, name = answer
            try:
                path = path_of(name, codes[index].file_name)
                try:
                    await asyncio.to_thread(write_text, path, codes[index].code, overwrite=False)
                except FileExistsError:
                    question = f"{path.name} exists. Overwrite it?"
                    if not await app.push_screen_wait(Confirm(question, "Overwrite")):
                        continue
                    await asyncio.to_thread(write_text, path, codes[index].code, overwrite=True)
            except SavingError as error:
                self._tell(str(error), is_trouble=True)
                continue
            self._tell(f"Saved as {path}")
            return

    def _tell(self, sentence: str, *, is_trouble: bool = False) -> None:
        severity = "error" if is_trouble else "information"
        self._screen.notify(sentence, severity=severity, markup=False)  # type: ignore[arg-type]


def _beginning(text: str) -> str:
    """Return the first words of a message, for a sentence that names it."""
    return title_from(text, BEGINNING_WIDTH)


async def _noting(
    turn: AsyncGenerator[TurnEvent, None], why: list[str]
) -> AsyncGenerator[TurnEvent, None]:
    """Pass events on and note why nobody replied."""
    async with aclosing(turn) as events:
        async for event in events:
            if isinstance(event, Unanswered):
                why.append(event.sentence)
            yield event
