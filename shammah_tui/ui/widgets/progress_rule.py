"""The line under the header, which fills as a model arrives."""

from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.renderables.bar import Bar
from textual.widget import Widget


class ProgressRule(Widget):
    """A rule over the whole width; the part that is done stands out."""

    DEFAULT_CSS = """
    ProgressRule {
        height: 1;
        color: $primary;
        .progress-rule--rest { color: $rule; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"progress-rule--rest"}

    fraction: reactive[float | None] = reactive(None)
    """Share that is done, from 0 to 1; None is a plain rule."""

    def render(self) -> Bar | Text:
        """Draw the rule in half-cell steps, or in signs where colours would not tell."""
        done = 0.0 if self.fraction is None else self.size.width * self.fraction
        if self.app.no_color:
            return Text("=" * round(done) + "-" * (self.size.width - round(done)))
        return Bar(
            highlight_range=(0, done),
            highlight_style=self.rich_style,
            background_style=self.get_component_rich_style("progress-rule--rest", partial=True),
        )
