"""Bounds calls that might never return."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from shammah_tui.children.fetch.faults import PassingError

Value = TypeVar("Value")


class BoundedCall(Generic[Value]):
    """A call on a thread of its own, given up when it takes too long.

    The HTTP library's connect timeout holds for each address of a host in turn, and the lookup of
    its name has none at all: together up to minutes in a network that swallows packets. The call is
    handed a trace callback for that library; ``discard`` takes a value that comes too late.
    """

    def __init__(
        self,
        function: Callable[[Callable[[str, Any], None]], Value],
        discard: Callable[[Value], None] = lambda _: None,
    ) -> None:
        self._function = function
        self._discard = discard
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._sent = False
        self._given_up = False
        self._values: list[Value] = []
        self._error: BaseException | None = None

    def result(self, connect_s: float, answer_s: float) -> Value:
        """Return what the call returns, or raise what it raises.

        Args:
            connect_s: Time until a request must be on its way.
            answer_s: Time from then until the call must be over.

        Raises:
            PassingError: It took longer.
        """
        threading.Thread(target=self._run, daemon=True, name="bounded call").start()
        with self._changed:
            self._changed.wait_for(lambda: self._sent or self._over, connect_s)
            if self._sent:
                self._changed.wait_for(lambda: self._over, answer_s)
            if not self._over:
                self._given_up = True
                raise PassingError("the network", unreachable=not self._sent)
            if self._error is not None:
                raise self._error
            return self._values[0]

    @property
    def _over(self) -> bool:
        return bool(self._values) or self._error is not None

    def _trace(self, event: str, _: Any) -> None:
        if event.endswith("send_request_headers.complete"):
            with self._changed:
                self._sent = True
                self._changed.notify_all()

    def _run(self) -> None:
        value = None
        try:
            value = self._function(self._trace)
        except BaseException as error:  # noqa: BLE001 - it is raised again by result()
            with self._changed:
                self._error = error
                self._changed.notify_all()
            return
        with self._changed:
            self._values.append(value)
            self._changed.notify_all()
            late = self._given_up
        if late:
            self._discard(value)
