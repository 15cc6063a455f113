import asyncio

import pytest

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.ui.reply.reply_view import ReplyView
from tests.ui.apps import Stage
from tests.ui.opened import pane

TEXT = "Look:\n\n```py\nx = 1\n```\n\n| a |\n|---|\n| 1 |\n\n- item\n"


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13])
async def test_one_may_leave_while_messages_are_made(turns: int) -> None:
    """What is mounted on somebody who has gone raises: the program ended with a traceback."""
    app = Stage().app()
    async with app.run_test() as pilot:
        await pilot.pause()
        for number in range(8):
            message = StoredMessage(
                number, None, Role.ASSISTANT, TEXT, 0, is_complete=False, thought="hm"
            )
            pane(app).mount(ReplyView(message))
        for _ in range(turns):
            await asyncio.sleep(0)
        app.exit()
