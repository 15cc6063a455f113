"""The tree of a conversation's messages: the path that is shown, and its branches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from shammah_tui.core.conversation.conversation import Role


class Node(NamedTuple):
    """A message without its text; a tuple, since opening a conversation makes thousands.

    ``is_hidden`` is whether it is deleted and may still be restored.
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
        chosen: Of a message with several that follow it, the one that was last shown; of None,
            the one of those that begin the conversation.
    """

    def __init__(
        self, nodes: Iterable[Node], chosen: Mapping[int | None, int] = MappingProxyType({})
    ) -> None:
        self._chosen = chosen
        self._nodes = {node.id: node for node in nodes}
        self._parents = {node.id: self._visible_parent(node) for node in self._nodes.values()}
        self._children: defaultdict[int | None, list[Node]] = defaultdict(list)
        for node in sorted(self._nodes.values()):
            if not node.is_hidden:
                self._children[self._parents[node.id]].append(node)

    @property
    def has_hidden(self) -> bool:
        return any(node.is_hidden for node in self._nodes.values())

    def parent(self, message_id: int) -> int | None:
        """Return the nearest visible message before this one; None when it begins."""
        return self._parents[message_id]

    def path(self, leaf_id: int | None) -> tuple[int, ...]:
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
        """Return the end of what follows a message; itself when nothing does.

        The way there is by what was last shown, and where that is not known to the newest end.
        """
        at = message_id
        while children := self._children.get(at):
            ids = [child.id for child in children]
            chosen = self._chosen.get(at)
            if chosen in ids:
                at = chosen
            else:
                at = ids[0] if len(ids) == 1 else max(ids, key=self._newest_end)
        return at

    def choices(self, leaf_id: int | None) -> dict[int | None, int]:
        """Return which version each message with several is shown in, on the path to a leaf."""
        path = self.path(leaf_id)
        return {self._parents[each]: each for each in path if len(self.siblings(each)) > 1}

    def hidden_turns(self, path: Sequence[int]) -> tuple[int, int, int] | None:
        """Return where turns are that follow another version of what is last in ``path``.

        Returns:
            The question or reply at the end of the path that has versions, the number of the one
            with the most turns after it, from 1, and how many those are; None where there is none.
        """
        for each in reversed(path[-2:]):
            versions = enumerate(self.siblings(each), 1)
            turns = [(self._questions_after(other), number) for number, other in versions]
            most, number = max(turns)
            if most > self._questions_after(each, path[-1]) == 0:
                return each, number, most
        return None

    def _questions_after(self, message_id: int, leaf_id: int | None = None) -> int:
        path = self.path(self.tip(message_id) if leaf_id is None else leaf_id)
        after = path[path.index(message_id) + 1 :]
        return sum(self._nodes[each].role is Role.USER for each in after)

    def _newest_end(self, message_id: int) -> int:
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
