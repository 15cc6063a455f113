"""What was last seen of the last conversation, kept for the first picture of the next start."""

from pathlib import Path

from shammah_tui.adapters.state_file import state_folder, write_bytes
from shammah_tui.first.screenful import FILE_NAME, Screenful, read_screenful, to_bytes


class ScreenfulFile:
    """One screenful in one small file that only its owner can read.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = b""

    def keep(self, screenful: Screenful) -> None:
        """Keep it instead of the one before."""
        data = to_bytes(screenful)
        if data != self._written:
            write_bytes(self._path, data)
            self._written = data

    def forget(self, conversation_id: int | None = None) -> None:
        """Keep none of this conversation any more; None is of any."""
        if conversation_id is not None:
            kept = read_screenful(str(self._path))
            if kept is not None and kept.conversation_id != conversation_id:
                return
        self._written = b""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            # A folder that cannot be written to holds none.
            return


def kept_screenful() -> ScreenfulFile:
    """Return that of this user."""
    return ScreenfulFile(state_folder() / FILE_NAME)
