"""Where the models lie, and the conversations."""

from pathlib import Path

from shammah_tui.adapters.machine.folder_usage import FolderUsage
from shammah_tui.adapters.sqlite.condition import StoreCondition
from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import doctor as words
from shammah_tui.core.wording.storage import check_advice


def check_cache(path: Path, usage: FolderUsage, missing_bytes: int | None) -> Finding:
    """Return the cache's size and whether what is still missing has room in it."""
    where = plain(str(path))
    facts: dict[str, Fact] = {
        "path": str(path),
        "exists": usage.exists,
        "used_bytes": usage.used_bytes,
        "free_bytes": usage.free_bytes,
        "writable": usage.is_writable,
    }
    free = "" if usage.free_bytes is None else format_size(usage.free_bytes)
    says = words.cache(where, format_size(usage.used_bytes), free)
    if not usage.is_writable:
        mark = Mark.BAD if missing_bytes != 0 else Mark.DOUBTFUL
        says = words.cache_not_writable(where)
        return Finding("cache", "Cache", mark, says, words.ANOTHER_FOLDER, facts)
    if missing_bytes and usage.free_bytes is not None and usage.free_bytes < missing_bytes:
        says = words.cache_too_small(says, format_size(missing_bytes))
        return Finding("cache", "Cache", Mark.BAD, says, words.BIGGER_DISK, facts)
    return Finding("cache", "Cache", Mark.GOOD, says, facts=facts)


def check_conversations(path: Path, condition: StoreCondition) -> Finding:
    where = plain(str(path))
    facts: dict[str, Fact] = {
        "path": str(path),
        "exists": condition.exists,
        "conversations": condition.conversations,
        "damaged_texts": condition.damaged_texts,
    }
    label = "Conversations"
    if condition.trouble:
        says, advice = plain(condition.trouble), check_advice(condition.fault)
        return Finding("conversations", label, Mark.BAD, says, advice, facts)
    if not condition.exists:
        says = words.no_conversations(where)
        return Finding("conversations", label, Mark.GOOD, says, facts=facts)
    says = words.conversations(where, condition.conversations, condition.damaged_texts)
    if condition.damaged_texts:
        return Finding("conversations", label, Mark.DOUBTFUL, says, words.SAVE_READABLE, facts)
    return Finding("conversations", label, Mark.GOOD, says, facts=facts)


def has_room(usage: FolderUsage, missing_bytes: int | None) -> bool:
    """Return whether what is missing can be fetched into the cache, as far as that is known."""
    fits = usage.free_bytes is None or usage.free_bytes >= (missing_bytes or 0)
    return usage.is_writable and fits
