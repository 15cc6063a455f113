"""Marks in a message what was searched for, once it is opened from the hits."""

from textual.content import Content
from textual.widgets import Static
from textual.widgets.markdown import MarkdownBlock

from shammah_tui.core.conversation.excerpts import hits_in
from shammah_tui.core.conversation.search_query import SearchQuery
from shammah_tui.ui.chat.message_box import MessageBox

MARK = "bold reverse"
"""As in the list of hits; seen without colours, too."""


def mark_hits(box: MessageBox, query: SearchQuery) -> bool:
    """Mark the hits in a message; return whether there were any in what is shown of it.

    Code and tables are left as they are: they have widgets of their own.
    """
    has_marked = False
    for each in (box, *box.query(MarkdownBlock)):
        if isinstance(each, Static) and isinstance(each.content, Content):
            marked = _marked(each.content, query)
            if marked is not None:
                each.update(marked)
                has_marked = True
    return has_marked


def _marked(content: Content, query: SearchQuery) -> Content | None:
    hits = hits_in(content.plain, query)
    for start, end in hits:
        content = content.stylize(MARK, start, end)
    return content if hits else None
