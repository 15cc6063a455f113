"""The archives in which other chats send what was said."""

import io
import json
import re
import zipfile

from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording import storage

_ZIP = b"PK\x03\x04"
_FILES = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")
_MOST_BYTES = 1_000_000_000


def unpacked(data: bytes) -> bytes:
    """Return the conversations in an archive as these chats send it; other data as it is.

    Raises ``StoreError`` where there are none in it.
    """
    if not data.startswith(_ZIP):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = sorted(
                (each for each in archive.infolist() if _FILES.fullmatch(each.filename)),
                key=lambda each: each.filename,
            )
            if sum(each.file_size for each in found) > _MOST_BYTES:
                raise StoreError(storage.ARCHIVE_TOO_BIG)
            parts = [archive.read(each) for each in found]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise StoreError(storage.ARCHIVE_UNREADABLE) from error
    if not parts:
        raise StoreError(storage.ARCHIVE_EMPTY)
    if len(parts) == 1:
        return parts[0]
    try:
        lists = [json.loads(part) for part in parts]
    except (ValueError, RecursionError) as error:
        raise StoreError(storage.ARCHIVE_NO_JSON) from error
    return json.dumps([each for some in lists if isinstance(some, list) for each in some]).encode()
