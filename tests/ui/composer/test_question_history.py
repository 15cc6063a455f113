from shammah_tui.ui.composer.question_history import QuestionHistory


def test_back_and_forth_ends_at_the_draft() -> None:
    history = QuestionHistory(["one", "two"])
    assert history.older("draft") == "two"
    assert history.older("two") == "one"
    assert history.older("one") is None
    assert history.newer() == "two"
    assert history.newer() == "draft"
    assert history.newer() is None


def test_what_is_sent_comes_last_and_once() -> None:
    history = QuestionHistory(["one"])
    history.add("two")
    history.add("two")
    assert history.older("") == "two"
    assert history.older("two") == "one"


def test_nothing_sent_yet() -> None:
    history = QuestionHistory[str]()
    assert history.older("x") is None
    assert history.newer() is None


def test_what_was_changed_on_the_way_stays_changed() -> None:
    history = QuestionHistory(["one", "two"])
    assert history.older("") == "two"
    assert history.older("two, changed") == "one"
    assert history.newer("one") == "two, changed"
    assert history.unsent("two, changed") == ["two, changed"]
    assert history.newer("two") == ""
    assert history.unsent("") == []


def test_what_was_changed_and_not_sent_is_there_after_another_was() -> None:
    history = QuestionHistory(["one", "two"])
    history.older("draft")
    history.older("two, changed")
    history.add("one")
    assert [history.older(""), history.older("one"), history.older("two, changed")] == [
        "one",
        "two, changed",
        "two",
    ]


def test_what_was_set_aside_comes_first_and_is_unsent_until_something_is_sent() -> None:
    history = QuestionHistory(["one"])
    history.set_aside("an edit")
    history.set_aside("an edit")
    assert history.unsent("draft") == ["an edit"]
    assert [history.older("draft"), history.older("an edit")] == ["an edit", "one"]
    history.add("two")
    assert history.unsent("") == []


def test_older_ones_that_come_later_come_after_all_others() -> None:
    history = QuestionHistory(["three"])
    assert history.older("draft") == "three"
    mark = history.mark
    history.set_before(["one", "two"])
    assert history.older("three!") == "two"
    assert history.newer("two") == "three!"
    history.go_back_to(None, "three!")
    history.go_back_to(mark, "draft")
    assert history.newer("three") == "draft"
