"""The tree of a conversation's messages: the path that is shown, and its branches."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from shammah_tui.core.conversation import Role


class Node(NamedTuple):
    """A message without its text; a tuple, since opening a conversation makes thousands.

    Attributes:
        id: Its number.
        parent_id: The message that it follows; None begins the conversation.
        role: Who speaks.
        is_hidden: Whether it is deleted and may still be restored.
    """

    id: int
    parent_id: int | None
    role: Role
    is_hidden: bool = False


class MessageTree:
    """Finds ways through the messages of one conversation.

    A hidden message is passed over: what follows it follows its parent. So deleting a turn in the
    middle leaves the rest of the conversation where it is.

    Args:
        nodes: All messages, in any order.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._parents = {node.id: self._visible_parent(node) for node in self._nodes.values()}
        self._children: defaultdict[int | None, list[Node]] = defaultdict(list)
        for node in sorted(self._nodes.values()):
            if not node.is_hidden:
                self._children[self._parents[node.id]].append(node)

    def parent(self, message_id: int) -> int | None:
        """Return the nearest visible message before this one; None when it begins."""
        return self._parents[message_id]

    def path(self, leaf_id: int | None) -> tuple[int, ...]:
        """Return the visible messages from the first to ``leaf_id``."""
        found: list[int] = []
        at = leaf_id if leaf_id in self._nodes else None
        while at is not None:
            if not self._nodes[at].is_hidden:
                found.append(at)
            at = self._parents[at]
        return tuple(reversed(found))

    def siblings(self, message_id: int) -> tuple[int, ...]:
        """Return the visible alternatives at this place by the same role, oldest first."""
        around = self._children[self._parents[message_id]]
        role = self._nodes[message_id].role
        return tuple(node.id for node in around if node.role is role)

    def tip(self, message_id: int) -> int:
        """Return the newest end of what follows a message; itself when nothing does."""
        ends: list[int] = []
        open_ids = [message_id]
        while open_ids:
            at = open_ids.pop()
            children = self._children.get(at)
            if children:
                open_ids.extend(child.id for child in children)
            else:
                ends.append(at)
        return max(ends)

    def parents_first(self) -> tuple[int, ...]:
        """Return all visible messages, each after its parent."""
        found: list[int] = []
        open_ids = [node.id for node in reversed(self._children[None])]
        while open_ids:
            at = open_ids.pop()
            found.append(at)
            open_ids.extend(child.id for child in reversed(self._children.get(at, [])))
        return tuple(found)

    def _visible_parent(self, node: Node) -> int | None:
        at = node.parent_id
        while at is not None:
            parent = self._nodes.get(at)
            if parent is None:
                return None
            if not parent.is_hidden:
                return at
            at = parent.parent_id
        return None
