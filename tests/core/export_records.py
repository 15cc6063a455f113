"""Conversations with everything that an export must keep."""

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    ConversationRecord,
    Receipt,
    StoredMessage,
    TitleSource,
)
from shammah_tui.core.conversation.reply import StopReason, Usage

RECEIPT = Receipt(
    Side.LOCAL,
    "Local · Qwen3.5 4B · 31 tok/s",
    "Default",
    "qwen3.5-4b",
    "Q4_K_M",
    Usage(1_200, 340, 31.25, 0.412, 77, True),
    17,
    StopReason.LENGTH,
    "It broke",
    2,
)
BARE = Receipt(Side.CLAUDE)
FULL = ConversationRecord(
    2**62 + 1,
    'Eggs, "soft" — 卵 \u2028\\',
    TitleSource.USER,
    True,
    1_793_836_800_123,
    1_793_840_400_000,
    2**63 - 1,
    7,
    "unsent\n\t``` draft 👍🏽",
    (
        StoredMessage(
            7, None, Role.USER, "# Question\r\n\x00\x1b[0m", 1_793_836_800_123, pin=Side.LOCAL
        ),
        StoredMessage(
            9,
            7,
            Role.ASSISTANT,
            "```py\nopen fence",
            1_793_836_801_000,
            RECEIPT,
            thought="<b>Hm</b>\x1b[0m\r\n",
            is_private=True,
        ),
        StoredMessage(12, 7, Role.ASSISTANT, "", 1_793_836_802_000, BARE, False),
        StoredMessage(8, None, Role.USER, "The other branch", -62_135_596_800_000),
        StoredMessage(15, 8, Role.SYSTEM, "A system message", 0),
        StoredMessage(2**63 - 1, 8, Role.ASSISTANT, "Yes.\n\n", 253_402_300_799_999, BARE),
    ),
)
EMPTY = ConversationRecord(3, "Nothing", TitleSource.WORDS, False, 0, 0, None, None, "", ())
