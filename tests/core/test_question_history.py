from shammah_tui.core.question_history import QuestionHistory


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
    history = QuestionHistory()
    assert history.older("x") is None
    assert history.newer() is None
