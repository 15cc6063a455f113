"""Conversations as Markdown, to read or to put elsewhere: the path shown, without branches."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.message_tree import MessageTree, Node
from shammah_tui.core.conversation.records import ConversationRecord, StoredMessage
from shammah_tui.core.text.plain_text import plain_line, plain_lines
from shammah_tui.core.text.units import local_time
from shammah_tui.core.wording.ending import note_of


def to_markdown(records: Iterable[ConversationRecord], zone: tzinfo = UTC) -> str:
    """Return the conversations one after the other; questions and replies are Markdown already."""
    return "\n".join(_conversation(record, zone) for record in records)


def _conversation(record: ConversationRecord, zone: tzinfo) -> str:
    tree = MessageTree(Node(each.id, each.parent_id, each.role) for each in record.messages)
    by_id = {message.id: message for message in record.messages}
    shown = [by_id[each] for each in tree.path(record.leaf_id)]
    begun = f"{local_time(record.created_ms, zone):%Y-%m-%d %H:%M}"
    parts = [f"# {_escaped(record.title)}", f"*{begun}*", *(_message(each) for each in shown)]
    return "\n\n".join(parts) + "\n"


def _message(message: StoredMessage) -> str:
    text = _closed(_visible(message.written).strip("\n"))
    receipt = message.receipt
    if message.role is not Role.ASSISTANT:
        return f"## {'You' if message.role is Role.USER else 'System'}\n\n{text}"
    heading = "Reply" if receipt is None else _escaped(receipt.label or receipt.side.value)
    note = f"\n\n*{_escaped(said)}*" if (said := note_of(message)) else ""
    return f"## {heading}\n\n{text}{note}"


def _visible(text: str) -> str:
    """Return what ``plain_lines`` does, at the speed of C where there is nothing to take away."""
    is_plain = text.replace("\n", " ").replace("\t", " ").isprintable()
    return text if is_plain else plain_lines(text)


def _escaped(text: str) -> str:
    """Return one line in which no character is markup."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#" else each for each in plain_line(text))


def _closed(text: str) -> str:
    """Return a text whose last fence is closed, so that the next heading is one."""
    fence = ""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        if len(line) - len(bare) > 3:
            continue
        mark = bare[:1]
        run = bare[: len(bare) - len(bare.lstrip(mark))] if mark in ("`", "~") else ""
        if len(run) < 3:
            continue
        rest = bare[len(run) :]
        if not fence and not (mark == "`" and "`" in rest):
            fence = run
        elif fence and mark == fence[0] and len(run) >= len(fence) and not rest.strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text
