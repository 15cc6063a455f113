"""Questions sent before, and what was written and not sent, to go back to from the composer."""

from collections.abc import Iterable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class QuestionHistory(Generic[_T]):
    """Goes back to older texts and forth again to the draft that was left; changes to them stay.

    ``questions`` were sent before, oldest first.

    Attributes:
        place: The text that is shown; None is the draft.
        draft: What was being written when the walk began.
    """

    def __init__(self, questions: Iterable[_T] = ()) -> None:
        self._texts = list(questions)
        self._changed: dict[int, _T] = {}
        self._first_unsent = len(self._texts)
        self._shifted = 0
        self.place: int | None = None
        self.draft: _T | None = None

    def add(self, question: _T) -> None:
        """Remember a question that was sent; the same one twice in a row counts once.

        The walk ends. What was changed on the way is remembered too.
        """
        changed = [text for n, text in sorted(self._changed.items()) if n != self.place]
        self._texts += [text for text in changed if text != question]
        if not self._texts or self._texts[-1] != question:
            self._texts.append(question)
        self._first_unsent = len(self._texts)
        self._changed.clear()
        self.place = self.draft = None

    def set_aside(self, text: _T) -> None:
        """Remember what was written and is not sent; it comes first on the way back."""
        if text not in self._texts[self._first_unsent :]:
            self._texts.append(text)

    def forget_change(self) -> None:
        """Have the text that is shown be as it was, whatever it was changed to."""
        self._changed.pop(-1 if self.place is None else self.place, None)

    def set_before(self, older: Iterable[_T]) -> None:
        """Have ``older``, oldest first, come after all others on the way back."""
        older = list(older)
        self._texts[:0] = older
        self._first_unsent += len(older)
        self._shifted += len(older)
        self._changed = {n + len(older): text for n, text in self._changed.items()}
        if self.place is not None:
            self.place += len(older)

    @property
    def mark(self) -> int | None:
        """The place, as ``go_back_to`` finds it again whatever was added meanwhile."""
        return None if self.place is None else self.place - self._shifted

    def go_back_to(self, mark: int | None, draft: _T) -> None:
        """Be where one was; ``draft`` is what is shown now, for the way back from there."""
        place = None if mark is None else mark + self._shifted
        if place is not None and not 0 <= place < len(self._texts):
            place = None
        if self.place is None and place is not None:
            self.draft = draft
        self.place = place

    def unsent(self, shown: _T) -> list[_T]:
        """Return what was set aside or changed since the last question was sent, oldest first."""
        if self.place is not None:
            self._note(shown)
        changed = [text for _, text in sorted(self._changed.items())]
        return [*self._texts[self._first_unsent :], *changed]

    def older(self, shown: _T) -> _T | None:
        """Return the text before the one that is ``shown``, changed or not; None at the oldest."""
        place = len(self._texts) if self.place is None else self.place
        if place == 0:
            return None
        if self.place is None:
            self.draft = shown
        else:
            self._note(shown)
        return self._go(place - 1)

    def newer(self, shown: _T | None = None) -> _T | None:
        """Return the text after the one shown, at last the draft; None beyond that."""
        if self.place is None:
            return None
        if shown is not None:
            self._note(shown)
        if self.place + 1 < len(self._texts):
            return self._go(self.place + 1)
        self.place = None
        return self.draft

    def _go(self, place: int) -> _T:
        self.place = place
        return self._changed.get(place, self._texts[place])

    def _note(self, shown: _T) -> None:
        if self.place is None:
            return
        if shown == self._texts[self.place]:
            self._changed.pop(self.place, None)
        else:
            self._changed[self.place] = shown
