"""The plain mode, for screen readers and slow lines: nothing moves, nothing is drawn with lines."""

from textual.dom import DOMNode

PLAIN_CLASS = "-plain"
"""Class of the app in plain mode."""

PLAIN_INTERVAL_S = 0.25
"""Time between two writes of what keeps changing: a screen reader begins anew with each."""

PLAIN_NOTICE_S = 30.0
"""How long a notice stays at least."""

PLAIN_CSS = f"""
.{PLAIN_CLASS} {{
    * {{ scrollbar-size: 0 0; }}
    Composer, Composer:focus, CommandList {{ border: ascii $border; }}
    ModalScreen > Vertical {{ border: ascii $border; }}
    Question, .thoughts, MarkdownBlockQuote {{ border-left: ascii $border; }}
    MarkdownHorizontalRule {{ border-bottom: ascii $border; }}
    MarkdownTableContent {{ keyline: none; }}
    Toast {{ border-left: ascii $border; border-right: none; }}
    FooterKey.-command-palette {{ border-left: none; }}
    CommandPalette > Vertical {{ border: none; }}
    CommandPalette #--input, CommandPalette CommandList {{ border: ascii $border; }}
}}
"""


def is_plain(node: DOMNode) -> bool:
    """Return whether the app that ``node`` belongs to is in plain mode."""
    return node.app.has_class(PLAIN_CLASS)
