"""Questions sent before, to be gone through from the composer."""

from collections.abc import Iterable


class QuestionHistory:
    """Goes back to older questions and forth again to the draft that was left.

    Args:
        questions: What was sent before, oldest first.
    """

    def __init__(self, questions: Iterable[str] = ()) -> None:
        self._questions = list(questions)
        self._place = len(self._questions)
        self._draft = ""

    def add(self, question: str) -> None:
        """Remember a question that was sent; the same one twice in a row counts once."""
        if not self._questions or self._questions[-1] != question:
            self._questions.append(question)
        self._place = len(self._questions)
        self._draft = ""

    def older(self, shown: str) -> str | None:
        """Return the question before the one shown, or None at the oldest.

        Args:
            shown: What stands in the composer; the draft is kept for the way back.
        """
        if self._place == 0:
            return None
        if self._place == len(self._questions):
            self._draft = shown
        self._place -= 1
        return self._questions[self._place]

    def newer(self) -> str | None:
        """Return the question after the one shown, at last the draft; None beyond that."""
        if self._place == len(self._questions):
            return None
        self._place += 1
        if self._place == len(self._questions):
            return self._draft
        return self._questions[self._place]
