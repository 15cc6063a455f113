"""What the chat does by name: commands that need something written after them, or a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from shammah_tui.ui.chat.model_screen import ModelScreen

# Imported here, these and what is imported in methods cost 60 ms before the first frame.
if TYPE_CHECKING:
    from collections.abc import Iterable

    from shammah_tui.core.conversation.records import ConversationSummary
    from shammah_tui.core.wording.status import StatusKeys
    from shammah_tui.services.conversation.chat_session import ChatSession
    from shammah_tui.services.local.model_shelf import ModelShelf
    from shammah_tui.ui.chat.chat_pane import ChatPane
    from shammah_tui.ui.chat.message_work import MessageWork
    from shammah_tui.ui.chat.places import Places
    from shammah_tui.ui.panels.conversations import Chosen


class NamedCommands(ModelScreen[None]):
    """The part of the chat screen that its other part gives a conversation to work with."""

    _session: ChatSession
    _shelf: ModelShelf
    _keys: StatusKeys
    _pane: ChatPane
    _work: MessageWork
    _places: Places

    async def begin(self, *, is_private: bool) -> None:
        """Leave this conversation for an empty one."""
        raise NotImplementedError

    async def open_conversation(
        self, conversation_id: int | None, message_id: int | None = None
    ) -> None:
        """Go on with a conversation that was kept."""
        raise NotImplementedError

    def _may_leave(self) -> bool:
        raise NotImplementedError

    def title_changed(self) -> None:
        """Show the title that the conversation has now."""
        raise NotImplementedError

    async def action_new(self) -> None:
        """Leave this conversation for an empty one; it stays in the list."""
        await self.begin(is_private=False)

    async def action_private(self) -> None:
        """Leave this conversation for one that is not kept and goes to nobody else."""
        await self.begin(is_private=True)

    async def action_conversations(self) -> None:
        """Choose another conversation to go on with."""
        await self._choose_conversation("")

    async def action_search(self, words: str = "") -> None:
        """Choose another conversation from those in which something was said."""
        await self._choose_conversation(words)

    async def _choose_conversation(self, words: str) -> None:
        # Deferred: with its widgets it costs 15 ms, and few sessions begin with it.
        from shammah_tui.ui.panels.conversations import Conversations, ListWork

        session = self._session
        listed = ListWork(
            self._delete_conversation,
            self._restore_conversation,
            lambda: session.conversation.has_deleted_conversations,
            self.title_changed,
        )
        panel = Conversations(session.store, lambda: session.conversation.id, words, listed)
        # The next key is for the panel: with the composer, Enter would send what stands there.
        await self.app.push_screen(panel, self._open_soon)

    def _open_soon(self, chosen: Chosen | None) -> None:
        self.run_worker(self._open_chosen(chosen))

    async def _open_chosen(self, chosen: Chosen | None) -> None:
        if chosen is not None and self._may_leave():
            await self.open_conversation(chosen.conversation_id, chosen.message_id)
            if chosen.query is not None and chosen.message_id is not None:
                self._pane.mark(chosen.message_id, chosen.query)

    async def _delete_conversation(self, conversation_id: int) -> ConversationSummary | None:
        """Put a conversation into the bin; the one that is open gives way to an empty one."""
        session = self._session
        if conversation_id == session.conversation.id and not session.conversation.is_private:
            if not self._may_leave():
                return None
            await self.begin(is_private=False)
        gone = await session.conversation.delete_conversation(conversation_id)
        self.refresh_bindings()
        return gone

    async def _restore_conversation(self, conversation_id: int | None) -> str | None:
        restored = await self._session.conversation.restore_conversation(conversation_id)
        self.refresh_bindings()
        return None if restored is None else restored.text

    @work
    async def action_rename(self, title: str = "") -> None:
        """Give the conversation another title; without one, have it asked for."""
        from shammah_tui.core.conversation.records import TitleSource
        from shammah_tui.ui.panels.rename import Rename

        summary = await self._listed_summary()
        if summary is not None:
            new: str | None = " ".join(title.split())
            new = new or await self.app.push_screen_wait(Rename(summary.title))
            if new:
                self._session.store.rename(summary.id, new, TitleSource.USER)
                self.title_changed()

    @work
    async def action_pin(self) -> None:
        """Keep the conversation on top of the list, or no longer."""
        from shammah_tui.ui.panels.conversations import pin_notice

        summary = await self._listed_summary()
        if summary is not None:
            self._session.store.pin(summary.id, not summary.is_pinned)
            self.notify(pin_notice(summary), markup=False)

    async def _listed_summary(self) -> ConversationSummary | None:
        """Return the conversation that is open as the list has it, or say why it is not there."""
        session = self._session
        if session.conversation.is_private:
            self.notify("A private conversation can't be renamed or pinned: it isn't stored")
            return None
        if session.conversation.id is None:
            self.notify("Ask something first: an empty conversation isn't stored")
            return None
        return await session.store.summary(session.conversation.id)

    def action_thoughts(self) -> None:
        """Unfold the thoughts, or fold them, all as the last ones."""
        from shammah_tui.ui.reply.thought_block import ThoughtBlock

        blocks = self.query(ThoughtBlock)
        if blocks:
            unfolded = not blocks.last().unfolded
            for block in blocks:
                block.unfolded = unfolded

    def action_models(self, name: str = "") -> None:
        """Switch to the model that is called so; without a name, open the model panel."""
        if not name:
            # Deferred: with its widgets it costs 4 ms, and no first frame needs it.
            from shammah_tui.ui.panels.model_panel import ModelPanel

            self.app.push_screen(ModelPanel(self.loader, self._shelf, self._keys))
            return
        self._switch_to(name)

    @work(exclusive=True, group="model name")
    async def _switch_to(self, name: str) -> None:
        import asyncio

        from shammah_tui.core.errors import InvalidModelError
        from shammah_tui.core.text.plain_text import plain

        try:
            # It may be a path on a disk that takes its time.
            model = await asyncio.to_thread(self._shelf.resolve, name)
        except InvalidModelError as error:
            self.notify(self._no_such_model(name, error), severity="warning", markup=False)
            return
        if self.snapshot.active is not None and self.snapshot.active.model.id == model.id:
            self.notify(f"{plain(model.label)} is already in use", markup=False)
        else:
            self.loader.switch(model)

    def _no_such_model(self, name: str, error: Exception) -> str:
        from shammah_tui.core.settings.settings_checks import suggestion
        from shammah_tui.core.text.plain_text import plain

        if "/" in name or name.lower().endswith(".gguf"):
            # A name on the Hub, an address or a path: the sentence says what is wrong with it.
            return str(error)
        meant = suggestion(name, self._shelf.names)
        return f"No model called “{plain(name)}”{meant or '.'} /model opens the list."

    def choose_of_several(self) -> None:
        """Show the models that a name may mean, in the panel."""
        if self.is_current:
            self.action_models()

    def choices_models(self) -> Iterable[str]:
        """Return what may follow ``/model``."""
        if not self._shelf.is_read:
            self._read_names()
        return self._shelf.names

    @work(exclusive=True, group="model names")
    async def _read_names(self) -> None:
        import asyncio

        await asyncio.to_thread(self._shelf.read)

    async def action_ask_again(self, side: str = "") -> None:
        """Have the last question answered again, by the side that is named or by the router."""
        from shammah_tui.core.conversation.pins import Side
        from shammah_tui.core.text.plain_text import plain

        sides = {each.value.lower(): each for each in Side}
        if side and side.lower() not in sides:
            self.notify(f"/retry {plain(side)}: write claude, local or nothing", markup=False)
            return
        await self._pane.to_end()
        asked = [box for box in self._pane.boxes if box.is_question and box.message_id is not None]
        if asked:
            self._work.again(asked[-1], sides.get(side.lower()))
        else:
            self.notify("No question to regenerate yet")

    def choices_ask_again(self) -> Iterable[str]:
        """Return what may follow ``/retry``."""
        from shammah_tui.core.conversation.pins import Side

        return (side.value.lower() for side in Side)

    @work
    async def action_export(self, name: str = "") -> None:
        """Write this conversation, or all of them, to a file."""
        # Deferred: 3 ms before the first frame, and few sessions need it.
        from shammah_tui.ui.panels.export import export_from

        await export_from(self, self._session, name)
