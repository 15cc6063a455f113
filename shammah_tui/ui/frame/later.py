"""What is imported on other threads once there is a screen: there it holds no keys up."""

from importlib import import_module

NEEDED_BY_PARTS = (
    "shammah_tui.core.wording.status",
    "shammah_tui.ports",
    "shammah_tui.services.local.bootstrap",
    "shammah_tui.services.conversation.chat_session",
    "shammah_tui.services.turn.chat_turn",
    "shammah_tui.ui.chat.message_work",
    "shammah_tui.ui.chat.places",
)
"""What the screen itself needs once the parts are there, piece by piece: 5 to 25 ms each."""


def get_ready_for_replies() -> None:
    """Import what shows the first reply, and every panel; compile what colours code.

    They take 50, 55 and 30 ms.
    """
    import_module("shammah_tui.ui.reply.reply_markdown")
    import_module("wcwidth")
    # The help names the keys of every panel, so that it brings them all.
    import_module("shammah_tui.ui.panels.help")
    from shammah_tui.ui.reply.code_lines import get_ready

    get_ready()
