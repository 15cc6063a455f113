"""What stands in an empty conversation."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static


class Welcome(Static):
    """A few lines on what happens next, and what is wrong with the settings if anything."""

    DEFAULT_CSS = """
    Welcome {
        height: auto;
        margin: 1 2;
        color: $text-muted;
    }
    """
    problems: reactive[tuple[str, ...]] = reactive((), init=False)
    """What is wrong with the settings, a line each."""

    def __init__(
        self, *, claude_available: bool, problems: tuple[str, ...] = (), is_private: bool = False
    ) -> None:
        super().__init__(markup=False)
        self._is_private = is_private
        self._claude_available = claude_available
        self.set_reactive(Welcome.problems, problems)

    def again(self) -> "Welcome":
        """Return another one for the same place, which says no more what is wrong."""
        return Welcome(claude_available=self._claude_available, is_private=self._is_private)

    def on_mount(self) -> None:
        """Write the lines with the theme's colours."""
        self._write()

    def watch_problems(self) -> None:
        """Write what is known by now."""
        self._write()

    def _write(self) -> None:
        if self._is_private:
            who = (
                "This conversation is private: it is answered by the local model or not at all, "
                "nothing of it is kept, and when you leave it, it is gone."
            )
        elif self._claude_available:
            who = (
                "Claude answers until a model is ready on this machine; from then on it answers "
                "what it can. Every reply says who gave it."
            )
        else:
            who = (
                "A model on this machine answers once it is ready. To have Claude answer until "
                "then, set ANTHROPIC_API_KEY and start again."
            )
        how = "Type / for commands; Ctrl+P searches everything that can be done."
        # By the variables' names: so a change of the theme changes them.
        title = Content.styled("Ask anything.", "bold $foreground")
        lines = [title, Content(who), Content(how)]
        if self.problems:
            lines += [Content("")]
            lines += [Content.styled(problem, "$warning") for problem in self.problems]
        self.update(Content("\n").join(lines))
