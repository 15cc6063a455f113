"""The local model in the chat: its state in the header, and switching to another by name."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from textual.worker import Worker

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.local.generator import Failed, Ready, Snapshot, open_offer
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.suggestions import suggestion
from shammah_tui.core.wording.unanswered import offer_words
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.local.model_list import ModelList
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.download_offer import DownloadOffer
from shammah_tui.ui.chat.generator_header import GeneratorHeader, ModelScreen
from shammah_tui.ui.chat.reading_ahead import ReadingAhead
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.path_input import home_path


@dataclass(eq=False)
class ModelController:
    """Follows the local model in the chat, and switches to the model of a name."""

    _screen: ModelScreen[None]
    _session: ChatSession
    _reading: ReadingAhead
    _pane: ChatPane
    _composer: Composer
    _header: GeneratorHeader
    models: ModelList
    keys: StatusKeys
    """What the keys are called."""
    _names: Worker[None] | None = field(default=None, init=False)
    _offer: DownloadOffer | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._screen.watch(self._screen, "snapshot", self._show, init=False)
        self._screen.watch(self._header, "private", self.show_offer, init=False)

    def _show(self, before: Snapshot, after: Snapshot) -> None:
        """Show what else changed than the header, and say what that has no room for."""
        self._pane.welcome.follow(after, self.keys)
        self.show_offer()
        if after.active != before.active:
            self._show_other_model(before, after)
        if after.notice and after.notice != before.notice:
            self._tell(after.notice)
        elif isinstance(after.state, Failed) and not (
            before.state == after.state or self._header.words(after).is_whole
        ):
            self._tell(after.state.reason)
        for refusal in after.loras.refusals:
            if refusal not in before.loras.refusals:
                self._tell(refusal)

    def show_offer(self) -> None:
        """Have the download that is offered said above the composer until it is answered."""
        snapshot = self._screen.snapshot
        offer = open_offer(snapshot.state)
        if offer is None:
            if self._offer is not None:
                self._offer.remove()
                self._offer = None
                self._composer.offer(is_open=False)
            return
        words = offer_words(
            replace(offer, folder=str(home_path(Path(offer.folder)))),
            snapshot.active,
            snapshot.recommended,
            self.keys,
            claude_available=self._header.claude_available,
            is_private=self._header.private,
        )
        if self._offer is None:
            self._offer = DownloadOffer(words)
            self._screen.mount(self._offer, after=self._pane)
            self._composer.offer(is_open=True)
        else:
            self._offer.say(words)

    def _show_other_model(self, before: Snapshot, after: Snapshot) -> None:
        was, now, use = before.active, after.active, self._header.context_use
        # A server's context can turn out to be of another size while its model stays.
        is_same = was is not None and now is not None and was.model == now.model
        length = None if now is None else now.context_length
        self._header.context_use = (
            replace(use, length=length) if is_same and use is not None and length else None
        )
        self._reading.begin()
        is_waited_for = was is None and self._composer.question and self._pane.has_end_note
        if is_waited_for and self._session.conversation.unanswered_id is None:
            self._screen.call_later(self._pane.say_at_end, notices.MODEL_READY)
        if now is not None and now.notices:
            self._screen.notify(
                ". ".join(now.notices),
                title=now.model.label,
                severity="warning",
                timeout=20,
                markup=False,
            )

    def _tell(self, sentence: str) -> None:
        self._screen.notify(
            sentence, title="The local model", severity="error", timeout=15, markup=False
        )

    def switch_to(self, name: str) -> None:
        self._screen.run_worker(self._switch_to(name), group="model name", exclusive=True)

    async def _switch_to(self, name: str) -> None:
        try:
            # It may be a path on a disk that takes its time.
            model = await asyncio.to_thread(self.models.resolve, name)
        except InvalidModelError as error:
            said = self._no_such_model(name, error)
            self._screen.notify(said, severity="warning", markup=False)
            return
        shown = self._screen.snapshot
        active, is_settled = shown.active, isinstance(shown.state, Ready) and not shown.next_rung
        if is_settled and active is not None and active.model.id == model.id:
            self._screen.notify(notices.already_in_use(plain(model.label)), markup=False)
        else:
            self._screen.loader.switch(model)

    def _no_such_model(self, name: str, error: Exception) -> str:
        if "/" in name or name.lower().endswith(".gguf"):
            # A name on the Hub, an address or a path: the sentence says what is wrong with it.
            return str(error)
        meant = suggestion(name, self.models.names)
        return notices.no_listed_model(plain(name), meant)

    def names(self) -> tuple[str, ...]:
        if not self.models.is_read and (self._names is None or self._names.is_finished):
            self._names = self._screen.run_worker(self._read_names, group="model names")
        return self.models.names

    async def _read_names(self) -> None:
        await asyncio.to_thread(self.models.read)
