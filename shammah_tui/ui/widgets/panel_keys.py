"""The line at the bottom of a panel that names its keys."""

from shammah_tui.ui.widgets.key_line import KeyLine


class PanelKeys(KeyLine):
    """What the keys of a panel do now: whole words, and ``…`` where not all have room.

    It stays as it is while a dialog is over the panel.
    """

    DEFAULT_CSS = """
    PanelKeys, PanelKeys .key-line--key, PanelKeys .key-line--word { background: $surface; }
    """
    IS_OF_PANEL = True
