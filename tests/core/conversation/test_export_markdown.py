from datetime import timedelta, timezone

import pytest

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.export_markdown import to_markdown
from shammah_tui.core.conversation.records import ConversationRecord, StoredMessage, TitleSource
from tests.core.export_records import BARE, EMPTY, FULL, RECEIPT


def record(*texts: str, title: str = "A title") -> ConversationRecord:
    messages = tuple(
        StoredMessage(
            number,
            number - 1 or None,
            Role.USER if number % 2 else Role.ASSISTANT,
            text,
            0,
            None if number % 2 else BARE,
        )
        for number, text in enumerate(texts, start=1)
    )
    leaf = len(messages) or None
    return ConversationRecord(
        1, title, TitleSource.WORDS, False, 1_793_836_800_000, 0, leaf, None, "", messages
    )


def test_a_conversation_is_headings_and_texts() -> None:
    assert to_markdown([record("How?", "- So\n- and so\n")]) == (
        "# A title\n\n*2026-11-05 00:00*\n\n## You\n\nHow?\n\n## Claude\n\n- So\n- and so\n"
    )


def test_times_are_told_where_the_reader_is() -> None:
    zone = timezone(timedelta(hours=2))
    assert "*2026-11-05 02:00*" in to_markdown([record()], zone)


def test_only_the_path_that_is_shown_is_there() -> None:
    text = to_markdown([FULL])
    assert "The other branch" in text
    assert "Question" not in text


def test_a_fence_that_was_left_open_is_closed() -> None:
    text = to_markdown([record("```py\nx = '''\n~~~\n``", "Next", "~~~~\n~~~", "````\n```\n````")])
    assert "``\n```\n\n## Claude" in text
    assert "~~~~\n~~~\n~~~~\n\n## Claude" in text
    assert text.endswith("````\n```\n````\n")


@pytest.mark.parametrize("title", ["*stars* & [links](x) <b>", "two\nlines", "\x1b[2Jcleared"])
def test_a_title_is_text(title: str) -> None:
    heading = to_markdown([record(title=title)]).splitlines()[0]
    bare = heading.replace("\\", "")
    assert bare == "# " + title.replace("\n", " ").replace("\x1b[2J", "")
    assert "[links]" not in heading


def test_only_control_characters_stay_out() -> None:
    text = to_markdown([record("a\x1b[31mb\x07\u202e\tc")])
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e\tc" in text


def test_labels_and_ends_are_told() -> None:
    cut = StoredMessage(1, None, Role.ASSISTANT, "Half", 0, RECEIPT)
    text = to_markdown(
        [ConversationRecord(1, "t", TitleSource.WORDS, False, 0, 0, 1, None, "", (cut,))]
    )
    assert "## Local · Qwen3.5 4B · 31 tok/s\n\nHalf\n\n*Interrupted: It broke*\n" in text


def test_several_follow_each_other() -> None:
    text = to_markdown([record(title="One"), EMPTY])
    assert text.startswith("# One\n")
    assert "\n\n# Nothing\n" in text
