from itertools import pairwise

import pytest

from shammah_tui.core.text.key_fit import LEFT_OUT, MORE, kept_keys, shown_keys
from shammah_tui.ui.frame.keys import KEY_COMMANDS

CHAT = [
    ("⏎", "Send", True),
    ("^↑", "Messages", False),
    ("F3", "Conversations", False),
    ("F2", "Models", False),
    ("F8", "Cancel", False),
    ("^q", "Quit", False),
    ("F1", "Help", False),
]


def words(keys: list[tuple[str, str, bool]], room: int) -> list[str]:
    return [keys[n][1] for n in kept_keys(keys, room)]


def test_what_fits_is_all_there() -> None:
    width = sum(len(key) + len(word) + 3 for key, word, _ in CHAT)
    assert words(CHAT, width) == [word for _, word, _ in CHAT]
    assert words(CHAT, width - 1) == [word for _, word, is_off in CHAT if not is_off]


def test_the_way_to_messages_and_models_comes_before_leaving_and_cancelling() -> None:
    typed = [("⏎", "Send", False), *CHAT[1:]]
    assert words(typed, 77) == ["Send", "Messages", "Conversations", "Models", "Cancel", "Help"]


def test_keys_are_not_left_out_without_a_sign() -> None:
    width = sum(len(key) + len(word) + 3 for key, word, _ in CHAT)
    assert shown_keys(CHAT, width) == (list(range(len(CHAT))), "")
    # What does nothing now is not missed.
    assert shown_keys(CHAT, width - 1) == (list(range(1, len(CHAT))), "")
    for room in range(10, width - 12):
        kept, more = shown_keys(CHAT, room)
        assert more == MORE
        shown = sum(len(CHAT[n][0]) + len(CHAT[n][1]) + 3 for n in kept)
        assert shown + len(more) <= room


def test_the_line_never_grows_as_the_room_shrinks() -> None:
    kept = [set(kept_keys(CHAT, room)) for room in range(100, -1, -1)]
    assert all(len(after) <= len(before) for before, after in pairwise(kept))
    assert kept[-1] == set()


@pytest.mark.parametrize("room", range(9, 80))
def test_help_is_the_last_to_go(room: int) -> None:
    assert words(CHAT, room)[-1:] == ["Help"]


def test_only_words_of_keys_are_left_out() -> None:
    assert set(LEFT_OUT) <= {command.label for command in KEY_COMMANDS if command.show}


def test_what_is_done_with_a_message_stays_longer_than_what_the_chat_offers_anyway() -> None:
    keys = [("F2", "Models", False), ("o", "Other model", False)]
    assert kept_keys(keys, 20) == [1]


def test_the_way_out_of_a_panel_stays_last() -> None:
    keys = [("a", "Add", False), ("s", "Switch", False), ("esc", "Close", False)]
    assert kept_keys(keys, 12) == [2]
