"""Where the models lie, and the conversations."""

from pathlib import Path

from shammah_tui.adapters.machine.folder_usage import FolderUsage
from shammah_tui.adapters.sqlite.condition import StoreCondition
from shammah_tui.core.doctor.findings import Fact, Finding, Mark
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording.storage import check_advice


def check_cache(path: Path, usage: FolderUsage, missing_bytes: int | None) -> Finding:
    """Return the cache's size and whether a download has room in it.

    Args:
        path: The cache's root.
        usage: What was found there.
        missing_bytes: What is still to be fetched; None while that is unknown.
    """
    where = plain(str(path))
    facts: dict[str, Fact] = {
        "path": str(path),
        "exists": usage.exists,
        "used_bytes": usage.used_bytes,
        "free_bytes": usage.free_bytes,
        "writable": usage.is_writable,
    }
    free = (
        "" if usage.free_bytes is None else f" · {format_size(usage.free_bytes)} free on the disk"
    )
    says = f"{where} · {format_size(usage.used_bytes)} there{free}"
    if not usage.is_writable:
        mark = Mark.BAD if missing_bytes != 0 else Mark.DOUBTFUL
        advice = "correct its owner, or name another folder: export HF_HUB_CACHE=/path/to/folder"
        return Finding("cache", "Cache", mark, f"{where} cannot be written", advice, facts)
    if missing_bytes and usage.free_bytes is not None and usage.free_bytes < missing_bytes:
        advice = (
            "shammah models rm WHAT, or name a bigger disk: export HF_HUB_CACHE=/path/to/folder"
        )
        lacks = f"{says}, and {format_size(missing_bytes)} still have to be downloaded"
        return Finding("cache", "Cache", Mark.BAD, lacks, advice, facts)
    return Finding("cache", "Cache", Mark.GOOD, says, facts=facts)


def check_conversations(path: Path, condition: StoreCondition) -> Finding:
    """Return whether the conversations' file can be read."""
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
        says = f"{where} (not there yet)"
        return Finding("conversations", label, Mark.GOOD, says, facts=facts)
    many = "" if condition.conversations == 1 else "s"
    says = f"{where} · {condition.conversations} conversation{many}"
    if condition.damaged_texts:
        damaged = f"{says} · {condition.damaged_texts} damaged texts, shown with [damaged]"
        advice = "shammah export --all -o backup.json keeps what can be read"
        return Finding("conversations", label, Mark.DOUBTFUL, damaged, advice, facts)
    return Finding("conversations", label, Mark.GOOD, says, facts=facts)


def has_room(usage: FolderUsage, missing_bytes: int | None) -> bool:
    """Return whether what is missing can be fetched into the cache, as far as that is known."""
    fits = usage.free_bytes is None or usage.free_bytes >= (missing_bytes or 0)
    return usage.is_writable and fits
