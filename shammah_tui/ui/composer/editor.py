"""The user's own editor, for writing a long message."""

import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from shammah_tui.core.text.plain_text import plain_lines
from shammah_tui.core.wording import notices


class EditorError(Exception):
    """The editor could not be used; the message is a sentence for the screen."""


def edit_text(text: str, environment: Mapping[str, str]) -> str:
    """Return ``text`` as the user left it in ``$VISUAL`` or ``$EDITOR``.

    The terminal must be lent to the editor meanwhile. The file it works on is readable by nobody
    else and gone afterwards.

    Raises:
        EditorError: None is set, it cannot be started, it failed, or what it left is not text.
    """
    named = (environment.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    command = next(filter(None, named), "")
    if not command:
        raise EditorError(notices.NO_EDITOR)
    try:
        with tempfile.TemporaryDirectory(prefix="shammah-") as folder:
            draft = Path(folder) / "message.md"
            draft.write_text(text, encoding="utf-8")
            status = subprocess.run([*shlex.split(command), str(draft)], check=False).returncode
            if status != 0:
                raise EditorError(notices.editor_ended(status))
            return plain_lines(draft.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EditorError(notices.no_such_editor(command, error)) from error
