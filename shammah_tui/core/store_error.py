"""What goes wrong with kept conversations, in words."""

from shammah_tui.core.errors import ShammahError


class StoreError(ShammahError):
    """The store could not read, import or export; ``str(error)`` is a sentence for the screen."""
