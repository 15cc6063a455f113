"""What a search finds."""

from dataclasses import dataclass

from shammah_tui.core.conversation import Role
from shammah_tui.core.excerpts import Excerpt


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One message, or one conversation by its title.

    Attributes:
        conversation_id: Where it is.
        title: That conversation's title.
        message_id: The message; None when the title is what was found.
        role: Who speaks; None for a title.
        label: A reply's label; empty otherwise.
        created_ms: When it was said; for a title, when something was last said there.
        excerpt: The hit in its context, or the title.
    """

    conversation_id: int
    title: str
    message_id: int | None
    role: Role | None
    label: str
    created_ms: int
    excerpt: Excerpt
