"""``shammah models``: what is on this machine, as a table or as JSON."""

import argparse
import io
import json
import sys
from typing import Any

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.models.inventory import Holding, Inventory, locate
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.commands.models.pull import pull
from shammah_tui.commands.models.verify import verify
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.text.plain_text import cell_width, plain
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording import notices

_GAP = "  "


def list_models(
    inventory: Inventory, console: Console, *, as_json: bool, paths: bool
) -> ExitStatus:
    holdings = inventory.holdings
    if as_json:
        console.tell(json.dumps([_described(each) for each in holdings], indent=2))
        return ExitStatus.DONE
    if not holdings:
        smallest = min(CATALOGUE, key=lambda model: model.size_bytes or 0)
        console.complain(words.no_models(smallest.id))
        return ExitStatus.DONE
    rows = [_row(each, paths) for each in holdings]
    if console.is_terminal:
        rows.insert(0, ("NAME", "SIZE", "MODEL", "FILE")[: len(rows[0])])
    for line in _aligned(rows):
        console.tell(line)
    if console.is_terminal:
        total = format_size(sum(each.kept_bytes for each in holdings if each.cached is not None))
        console.tell(f"\n{words.in_cache(total, plain(str(inventory.source.cache_dir)))}")
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


def remove(inventory: Inventory, console: Console, what: str, *, yes: bool) -> ExitStatus:
    """Delete the model that ``what`` names, whole or in part, after asking.

    Raises:
        InvalidModelError: It names none.
        InUseError: Another program is fetching it.
        OSError: The cache cannot be written.
    """
    holding = inventory.find(what)
    label = plain(holding.model.label)
    if holding.model.local_path is not None:
        console.complain(words.own_file_kept(holding.model.local_path))
        return ExitStatus.FAILED
    if holding.cached is None:
        console.complain(words.not_in_cache(label))
        for each in inventory.nameless_beside(holding.model):
            console.complain(words.unknown_part(each.what, format_size(each.kept_bytes)))
        return ExitStatus.NOT_HERE
    if not yes:
        size = format_size(holding.kept_bytes)
        match console.confirm(notices.delete_question(label, size)):
            case None:
                console.complain(words.NO_TERMINAL_TO_CONFIRM)
                return ExitStatus.USAGE
            case False:
                console.complain(words.not_deleted(label))
                return ExitStatus.FAILED
    freed = inventory.source.delete(holding.model)
    console.tell(words.model_deleted(label, format_size(freed)))
    return ExitStatus.DONE


def run_models(
    options: argparse.Namespace,
    inventory: Inventory,
    problems: tuple[str, ...],
    console: Console,
) -> ExitStatus:
    """Carry one command out; whatever goes wrong is told in one sentence."""

    def command() -> ExitStatus:
        for problem in problems:
            console.complain(problem)
        return _run(options, inventory, console)

    # A list that nobody reads to its end is one; what is being fetched or checked is not done.
    unread = ExitStatus.FAILED if options.action else ExitStatus.DONE
    return carry_out(command, console, when_unread=unread)


def standard_console() -> Console:
    """Return the console of this process; what its encoding lacks is shown as ``?``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Console(sys.stdout, sys.stderr, sys.stdin)


def _run(options: argparse.Namespace, inventory: Inventory, console: Console) -> ExitStatus:
    if options.action is not None and (options.json or options.paths):
        console.complain(words.LIST_ONLY)
        return ExitStatus.USAGE
    match options.action:
        case "pull":
            return pull(inventory, console, options.what, offline=options.offline)
        case "rm":
            return remove(inventory, console, options.what, yes=options.yes)
        case "path":
            return locate(inventory, console, options.what)
        case "verify":
            return verify(inventory, console, options.what)
        case _:
            return list_models(inventory, console, as_json=options.json, paths=options.paths)
