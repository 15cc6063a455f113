"""When a question that is still being written has grown enough to be read ahead."""

from shammah_tui.core.tokens import estimate_text_tokens

WORTH_TOKENS = 20
"""About 60 letters, or a line. With 0.5 billion weights a reading takes 80 ms of processor however
little is read, as generating a token does, and 8 ms a token, of which ten are the prompt's end."""
SENTENCE_TOKENS = 8
"""As many letters as a short sentence has: at the end of one, more may not be to come."""
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！", "؟", "।")


def is_worth_reading(draft: str, read: str) -> bool:
    """Return whether a draft holds enough that is new.

    Args:
        draft: What has been typed, without white space around it.
        read: The draft that was read last.
    """
    unread = estimate_text_tokens(draft[_common_length(draft, read) :])
    return unread >= (SENTENCE_TOKENS if draft.endswith(_SENTENCE_ENDS) else WORTH_TOKENS)


def _common_length(one: str, other: str) -> int:
    """Return how far two texts are the same; 1 ms for a million characters."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
