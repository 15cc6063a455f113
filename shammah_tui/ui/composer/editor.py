"""The user's own editor, for writing a long message."""

import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from shammah_tui.core.text.plain_text import plain_lines


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
        raise EditorError("No editor is set: export EDITOR, for example EDITOR=nano")
    try:
        with tempfile.TemporaryDirectory(prefix="shammah-") as folder:
            draft = Path(folder) / "message.md"
            draft.write_text(text, encoding="utf-8")
            status = subprocess.run([*shlex.split(command), str(draft)], check=False).returncode
            if status != 0:
                raise EditorError(f"The editor ended with status {status}; your draft is unchanged")
            return plain_lines(draft.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EditorError(f"“{command}” cannot be used as an editor: {error}") from error
