"""``shammah models``: what is on this machine, as a table or as JSON."""

import json
from typing import Any

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.inventory import Holding, Inventory
from shammah_tui.core.catalogue import CATALOGUE
from shammah_tui.core.plain_text import cell_width, plain
from shammah_tui.core.units import format_size
from shammah_tui.foundation import Foundation

_GAP = "  "


def list_models(
    foundation: Foundation, console: Console, *, as_json: bool, paths: bool
) -> ExitStatus:
    """Write what is here.

    Args:
        foundation: Where weights lie.
        console: Where to write.
        as_json: Whether as one JSON array; it has the paths anyway.
        paths: Whether the table has them.
    """
    holdings = Inventory(foundation).holdings
    if as_json:
        console.tell(json.dumps([_described(each) for each in holdings], indent=2))
        return ExitStatus.DONE
    if not holdings:
        smallest = min(CATALOGUE, key=lambda model: model.size_bytes or 0)
        console.complain(f"No models yet: `shammah models pull {smallest.id}` downloads one")
        return ExitStatus.DONE
    rows = [_row(each, paths) for each in holdings]
    if console.is_terminal:
        rows.insert(0, ("NAME", "SIZE", "MODEL", "FILE")[: len(rows[0])])
    for line in _aligned(rows):
        console.tell(line)
    if console.is_terminal:
        total = format_size(sum(each.kept_bytes for each in holdings if each.cached is not None))
        console.tell(f"\n{total} in {plain(str(foundation.cache_dir))}")
    return ExitStatus.DONE


def _row(holding: Holding, paths: bool) -> tuple[str, ...]:
    row = [holding.what, holding.amount(), holding.model.label]
    if paths:
        row.append("-" if holding.path is None else str(holding.path))
    return tuple(map(plain, row))


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(
            cell + " " * (width - cell_width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _described(holding: Holding) -> dict[str, Any]:
    cached = holding.cached
    digests = {file.name: file.sha256 for file in holding.model.files}
    return {
        "name": holding.what,
        "label": holding.model.label,
        "repo": holding.model.repo,
        "commit": cached.commits[0] if cached is not None and cached.commits else None,
        "complete": holding.path is not None,
        "size_bytes": holding.size_bytes,
        "kept_bytes": holding.kept_bytes,
        "path": None if holding.path is None else str(holding.path),
        "files": [
            {
                "name": part.name,
                "size_bytes": part.size_bytes,
                "kept_bytes": part.kept_bytes,
                "digest": part.etag or digests.get(part.name),
                "path": None if part.path is None else str(part.path),
            }
            for part in (cached.parts if cached is not None else ())
        ],
    }
