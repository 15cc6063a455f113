from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.message_tree import MessageTree, Node

U, A = Role.USER, Role.ASSISTANT


def tree(*hidden: int) -> MessageTree:
    """1 → 2 → 3 → 4, with 5 beside 2, and the branch 6 → 7 beside 3."""
    shape = ((1, None, U), (2, 1, A), (3, 2, U), (4, 3, A), (5, 1, A), (6, 2, U), (7, 6, A))
    nodes = [Node(each, parent, role, each in hidden) for each, parent, role in shape]
    return MessageTree(reversed(nodes))


def test_a_path_runs_from_the_first_message_to_the_leaf() -> None:
    assert tree().path(4) == (1, 2, 3, 4)
    assert tree().path(7) == (1, 2, 6, 7)
    assert tree().path(None) == ()
    assert tree().path(99) == ()


def test_siblings_are_the_alternatives_at_one_place() -> None:
    assert tree().siblings(3) == tree().siblings(6) == (3, 6)
    assert tree().siblings(2) == (2, 5)
    assert tree().siblings(1) == (1,)


def test_a_deleted_turn_leaves_what_follows() -> None:
    cut = tree(2, 3)
    assert cut.path(4) == (1, 4)
    assert cut.parent(4) == 1
    # 4 and 5 are now two replies to 1; the question 6, which follows 1 too, is none.
    assert cut.siblings(4) == (4, 5)


def test_a_deleted_leaf_is_not_in_its_path() -> None:
    assert tree(4).path(4) == (1, 2, 3)
    assert tree(1, 2, 3, 4).path(4) == ()


def test_deleted_siblings_do_not_count() -> None:
    assert tree(6).siblings(3) == (3,)


def test_a_branch_ends_where_something_was_said_last() -> None:
    assert tree().tip(6) == 7
    assert tree().tip(3) == 4
    assert tree().tip(1) == 7
    assert tree().tip(5) == 5
    assert tree(7).tip(6) == 6


def test_parents_come_first() -> None:
    order = tree().parents_first()
    assert sorted(order) == [1, 2, 3, 4, 5, 6, 7]
    assert all(order.index(parent) < order.index(each) for each, parent in ((2, 1), (4, 3), (7, 6)))
    assert set(tree(2).parents_first()) == {1, 3, 4, 5, 6, 7}


def test_long_conversations_do_not_recurse() -> None:
    nodes = [Node(each, each - 1 or None, U if each % 2 else A) for each in range(1, 20_001)]
    long = MessageTree(nodes)
    assert len(long.path(20_000)) == len(long.parents_first()) == 20_000
    assert long.tip(1) == 20_000
