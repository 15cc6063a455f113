"""What stands in an empty conversation."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from shammah_tui.core.wording.first_frame import (
    HOW,
    HOW_WITH_CLAUDE,
    PRIVATE,
    TALL,
    WELCOME,
    WITH_CLAUDE,
    WITHOUT_CLAUDE,
)

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.core.wording.status import StatusKeys


class Welcome(Static):
    """A few lines on what happens next, and what is wrong with the settings if anything."""

    DEFAULT_CSS = """
    Welcome {
        height: auto;
        margin: 1 2;
        color: $text-muted;
    }
    """
    claude_available: reactive[bool] = reactive(False, init=False)
    problems: reactive[tuple[str, ...]] = reactive((), init=False)
    """What is wrong with the settings, a line each."""

    def __init__(
        self, *, claude_available: bool, problems: tuple[str, ...] = (), is_private: bool = False
    ) -> None:
        super().__init__(markup=False)
        self._is_private = is_private
        self.set_reactive(Welcome.claude_available, claude_available)
        self._now: str | None = ""
        self._was_tall = True
        self.set_reactive(Welcome.problems, problems)

    def again(self, *, is_private: bool | None = None) -> "Welcome":
        """Return another one for the same place, which says no more what is wrong."""
        is_private = self._is_private if is_private is None else is_private
        other = Welcome(claude_available=self.claude_available, is_private=is_private)
        other._now = self._now
        return other

    def follow(self, snapshot: "Snapshot", keys: "StatusKeys") -> None:
        """Say who answers now; until that is known, what is said at the start.

        Where a download is offered, the offer says it.
        """
        from shammah_tui.core.wording.unanswered import who_answers

        now = who_answers(
            snapshot.state,
            snapshot.active,
            claude_available=self.claude_available,
            models_key=keys.models,
        )
        if now != self._now:
            self._now = now
            self._write()

    def on_mount(self) -> None:
        self._write()

    def watch_claude_available(self) -> None:
        self._write()

    def watch_problems(self) -> None:
        self._write()

    def fit(self) -> None:
        if self._is_tall != self._was_tall:
            self._write()

    @property
    def _is_tall(self) -> bool:
        return self.app.size.height >= TALL

    def _write(self) -> None:
        if not self.is_attached:
            return
        if self._is_private:
            who: str | None = PRIVATE
        elif self._now or self._now is None:
            who = self._now
        else:
            who = WITH_CLAUDE if self.claude_available else WITHOUT_CLAUDE
        how = HOW_WITH_CLAUDE if self.claude_available and not self._is_private else HOW
        # By the variables' names: so a change of the theme changes them.
        title = Content.styled(WELCOME, "bold $foreground")
        lines = [title] if who is None else [title, Content(who)]
        self._was_tall = self._is_tall
        if self._was_tall:
            lines.append(Content(how))
        if self.problems:
            lines += [Content("")]
            lines += [Content.styled(problem, "$warning") for problem in self.problems]
        self.update(Content("\n").join(lines))
