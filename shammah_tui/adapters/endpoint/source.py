"""A model that is nowhere but on its server: nothing to fetch, to keep or to delete."""

from collections.abc import Callable
from pathlib import Path

from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import FetchEvent
from shammah_tui.ports import ChildExited, Fetch


class EndpointSource:
    """A ``ModelSource`` for a server's model, which is always there as far as one can know."""

    def find(self, model: ModelSpec) -> Path | None:
        """Return the host's name in place of a file; whether it serves, only asking it tells."""
        return Path(model.host) if model.host is not None else None

    def kept_bytes(self, model: ModelSpec) -> int:  # noqa: ARG002 - the port's name
        return 0

    def delete(self, model: ModelSpec) -> int:  # noqa: ARG002 - the port's name
        return 0

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> Fetch:
        """Never called: what ``find`` finds is not fetched."""
        raise AssertionError(f"{model.id} is not fetched, and {on_event} hears nothing")
