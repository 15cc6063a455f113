"""What questions and replies have in common: who they are, and that something is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.events import Mount
from textual.reactive import reactive
from textual.widget import Widget

from shammah_tui.core.wording import notices
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.keys import BindingOwner, MessageAction, bindings_of
from shammah_tui.ui.frame.plain_mode import is_plain
from shammah_tui.ui.frame.textual_privates import bindings_from_focus

if TYPE_CHECKING:
    from textual.events import Key, Paste

    from shammah_tui.core.conversation.records import Receipt, StoredMessage
    from shammah_tui.ui.reply.code_blocks import CodeText

REPLYING = "-replying"
"""Class of the screen while a reply comes."""


class MessageBox(Widget):
    """A message that can have the focus; to be mixed into the widget that shows it.

    Its keys are actions of the screen, which acts on the message that has the focus.
    """

    BINDINGS = bindings_of(BindingOwner.MESSAGE)

    # By mouse one selects text or opens a link; what is typed then belongs to the composer.
    FOCUS_ON_CLICK = False

    message: reactive[StoredMessage | None] = reactive(None)
    """The message as the open conversation has it; None until its turn is over."""
    versions: reactive[tuple[int, ...]] = reactive(())
    """Its versions, itself among them; nothing where it is the only one."""
    later_turns: reactive[str] = reactive("")
    """At the end of the conversation: which later turns another version has."""
    is_question = False
    left_out = 0
    """Of a reply, how many of the oldest messages its side was not shown."""
    is_last = False
    """Whether it is the end of the conversation: then it says what to do next."""
    is_selected = False
    """Whether the user went to it, and the focus did not come by itself: then it may be deleted."""

    @property
    def label(self) -> str:
        return ""

    @property
    def message_id(self) -> int | None:
        """Its id; None until it is recorded."""
        return None if self.message is None else self.message.id

    @property
    def receipt(self) -> Receipt | None:
        return None if self.message is None else self.message.receipt

    @property
    def stays_here(self) -> bool:
        return self.message is not None and self.message.stays_here

    @property
    def text(self) -> str:
        """What is said, as Markdown, without what could steer a terminal."""
        raise NotImplementedError

    @property
    def can_unfold(self) -> bool:
        return False

    @property
    def can_be_remade(self) -> bool:
        """Whether its message has all that is shown."""
        return self.message is not None

    async def no_longer_last(self) -> None:
        self.is_last = False

    def look(self) -> None:
        """Notice that something else is seen now."""

    @property
    def codes(self) -> tuple[CodeText, ...]:
        # Deferred: 0.6 ms before the first frame, and there is no message yet.
        from shammah_tui.ui.reply.code_blocks import code_blocks

        return code_blocks(self.text)

    @property
    def versioned(self) -> MessageBox:
        """The message whose versions are switched here: a reply that has none is its question's."""
        if len(self.versions) > 1 or self.is_question or self.parent is None:
            return self
        boxes = [child for child in self.parent.children if isinstance(child, MessageBox)]
        at = boxes.index(self) if self in boxes else 0
        return boxes[at - 1] if at and boxes[at - 1].is_question else self

    @property
    def branch(self) -> tuple[int, int]:
        """Which of how many versions it is, counted from 1."""
        here = self.message_id
        if here is None or here not in self.versions:
            return 1, 1
        return self.versions.index(here) + 1, len(self.versions)

    @on(Mount)
    def _say_whose(self) -> None:
        if is_plain(self):
            self._say_branch()

    def on_focus(self) -> None:
        self.call_later(self._say_branch)

    on_blur = on_focus

    def _say_branch(self) -> None:
        number, count = self.branch
        said = [f"{number}/{count}"] if count > 1 else []
        if self.is_attached and is_plain(self):
            who = ["You"] if self.is_question else []
            said = [*who, *said, *(["selected"] if self.has_focus else [])]
        self.border_title = " · ".join(said) or None
        self.set_class(bool(said), "-titled")
        if self.is_attached and self.has_keys:
            self.refresh_bindings()

    watch_message = watch_versions = _say_branch

    def can(self, action: MessageAction) -> bool:
        return not self._why_not(action)

    def _why_not(self, command_id: str) -> str:
        """Return why a command cannot be done with this message now; empty where it can."""
        is_replying, is_saved = self.screen.has_class(REPLYING), self.message_id is not None
        not_yet = notices.WAIT_FOR_REPLY if is_replying else notices.NOT_SAVED
        number, count = self.versioned.branch
        match command_id:
            case MessageAction.COPY | MessageAction.QUOTE:
                can, reason = bool(self.text.strip()), notices.NO_TEXT_YET
            case MessageAction.COPY_CODE | MessageAction.SAVE_CODE:
                can, reason = bool(self.codes), notices.NO_CODE
            case MessageAction.UNFOLD:
                can, reason = self.can_unfold, notices.SHOWN_IN_FULL
            case MessageAction.RECEIPT:
                reason = notices.NO_RECEIPT if self.is_question else not_yet
                can = self.receipt is not None
            case MessageAction.EDIT:
                reason = not_yet if self.is_question else notices.NOT_EDITABLE
                can = self.is_question and is_saved
            case MessageAction.EARLIER:
                can, reason = number > 1, notices.NO_EARLIER
            case MessageAction.LATER:
                can, reason = number < count, notices.NO_LATER
            case (
                MessageAction.AGAIN
                | MessageAction.OTHER_SIDE
                | MessageAction.FORK
                | MessageAction.DELETE
            ):
                can, reason = is_saved, not_yet
            case MessageAction.BEFORE | MessageAction.AFTER | MessageAction.END:
                can, reason = True, ""
            case "undo_delete":
                can, reason = False, notices.NOTHING_TO_UNDO
            case _:
                # While a reply comes, the key of ``BACK`` stops that.
                can, reason = command_id == MessageAction.BACK and not is_replying, not_yet
        return "" if can else reason

    @property
    def has_keys(self) -> bool:
        """Whether keys are for this message, or for something in it."""
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors_with_self

    def on_key(self, event: Key) -> None:
        """Hand what is typed to whoever is being written to, unless it is a key of the message.

        Here and now: the next key may be a letter that would do something with the message. For
        the same reason a key counts as typed when the focus has left while it was on its way. A
        key of the message for what cannot be done now says so, and is no letter.
        """
        if event.character is None or not event.is_printable:
            return
        has_keys = self.has_keys
        if has_keys and event.key in self.screen.active_bindings:
            return
        event.stop()
        event.prevent_default()
        command_id = self._command_of(event.key) if has_keys else ""
        if command_id:
            self.notify(self._why_not(command_id) or notices.NOT_SAVED, markup=False)
        elif not event.key.startswith("alt+"):
            self.screen.query_one(Composer).type(event.character)

    def _command_of(self, key: str) -> str:
        """Return the id of the command that a key has here; empty where it has none."""
        chain = bindings_from_focus(self.screen)
        found = (each.id for _, bindings in chain for each in bindings.key_to_bindings.get(key, ()))
        return next(filter(None, found), "")

    async def on_paste(self, event: Paste) -> None:
        event.stop()
        composer = self.screen.query_one(Composer)
        self.screen.set_focus(composer)
        composer.paste(event.text)
