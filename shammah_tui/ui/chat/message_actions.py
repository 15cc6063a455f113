"""Actions on the message that has the focus: copying, quoting, saving, unfolding."""

import asyncio
from dataclasses import dataclass, field

from textual.screen import Screen

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side, split_pin, with_pin
from shammah_tui.core.text.plain_text import plain_lines
from shammah_tui.core.wording import notices
from shammah_tui.ports import Clipboard
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.conversation_controller import ConversationController
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.chat.turn_controller import TurnController
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.keys import MessageAction
from shammah_tui.ui.panels.save_code import save_code
from shammah_tui.ui.reply.reply_view import ReplyView
from shammah_tui.ui.reply.thought_block import ThoughtBlock


@dataclass(eq=False)
class MessageActions:
    """Copies, quotes, unfolds and saves; the other controllers answer again, fork and delete."""

    _screen: Screen[None]
    _session: ChatSession
    _conversation: ConversationController
    _turns: TurnController
    _pane: ChatPane
    _composer: Composer
    _clipboard: Clipboard | None
    """The system's clipboard; None where there is none but the terminal's."""
    _code: tuple[MessageBox, int] | None = field(default=None, init=False)
    """The code block that was copied last, and its message."""
    _copying: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _has_told_doubt: bool = field(default=False, init=False)

    async def do(self, box: MessageBox, action: MessageAction) -> None:
        """Move the focus at once, as the next key is for where it goes; do the rest in turn."""
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
                self._screen.call_later(self._do, box, action)

    async def _do(self, box: MessageBox, action: MessageAction) -> None:
        """Do one thing with a message, unless it has gone or it cannot be done any more."""
        if box not in self._pane.boxes or not box.can(action):
            return
        match action:
            case MessageAction.COPY:
                self._copy_soon(box.text, "The message")
            case MessageAction.COPY_CODE:
                self._copy_code(box)
            case MessageAction.SAVE_CODE:
                saving = save_code(self._screen, box.codes, self._chosen_code(box, 0))
                self._screen.run_worker(saving, group="save", exclusive=True)
            case MessageAction.QUOTE:
                self._quote(box)
            case MessageAction.UNFOLD if isinstance(box, Question):
                box.unfold()
            case MessageAction.RECEIPT if isinstance(box, ReplyView):
                await box.show_receipt()
            case MessageAction.EARLIER:
                await self._conversation.switch_version(box, -1)
            case MessageAction.LATER:
                await self._conversation.switch_version(box, 1)
            case MessageAction.AGAIN:
                self._turns.again(box)
            case MessageAction.OTHER_SIDE:
                self._turns.again_by_other_side(box)
            case MessageAction.EDIT:
                await self._conversation.edit(box)
            case MessageAction.FORK:
                await self._conversation.fork(box)
            case MessageAction.DELETE:
                await self._conversation.delete_turn(box)

    def fold_thoughts(self) -> None:
        """Unfold the thoughts of all replies, or fold them, all as the last ones."""
        blocks = self._pane.query(ThoughtBlock)
        if blocks:
            unfolded = not blocks.last().unfolded
            for block in blocks:
                block.unfolded = unfolded

    def copy_last_reply(self) -> None:
        replies = [
            each for each in self._session.conversation.history if each.role is Role.ASSISTANT
        ]
        if replies:
            self._copy_soon(plain_lines(replies[-1].text), "The last reply")
        else:
            self._tell(notices.NO_REPLY)

    def _copy_soon(self, text: str, what: str) -> None:
        # The system's tool may take seconds.
        self._screen.run_worker(self._copy(text, what), group="copy")

    async def _copy(self, text: str, what: str) -> None:
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
                self._tell(notices.COPY_UNCONFIRMED)

    def _copy_code(self, box: MessageBox) -> None:
        codes = box.codes
        at = self._chosen_code(box, 1)
        self._code = box, at
        self._copy_soon(codes[at].code, notices.code_block(at + 1, len(codes)))

    def _chosen_code(self, box: MessageBox, step: int) -> int:
        """Return the index of the block that has the focus.

        Where none has it, that of the block copied last, or ``step`` further; at first 0.
        """
        blocks, focused = list(box.query("CodeBlock")), self._screen.focused
        if focused in blocks and len(blocks) == len(box.codes):
            return blocks.index(focused)
        before = self._code
        return (before[1] + step) % len(box.codes) if before and before[0] is box else 0

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

    def _tell(self, sentence: str) -> None:
        self._screen.notify(sentence, markup=False)
