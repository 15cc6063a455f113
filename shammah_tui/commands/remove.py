"""``shammah models rm``: deleting a model from the cache."""

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.inventory import Inventory
from shammah_tui.core.plain_text import plain
from shammah_tui.core.units import format_size
from shammah_tui.foundation import Foundation


def remove(foundation: Foundation, console: Console, what: str, *, yes: bool) -> ExitStatus:
    """Delete the model that ``what`` names, whole or in part, after asking.

    Raises:
        InvalidModelError: It names none.
        InUseError: Another program is fetching it.
        OSError: The cache cannot be written.
    """
    inventory = Inventory(foundation)
    holding = inventory.find(what)
    label = plain(holding.model.label)
    if holding.model.local_path is not None:
        console.complain(
            f"{holding.model.local_path} is your own file and is not deleted: give a name that "
            "`shammah models` lists, or delete the file yourself"
        )
        return ExitStatus.FAILED
    if holding.cached is None:
        console.complain(f"{label} is not in the cache: nothing to delete")
        for each in inventory.nameless_beside(holding.model):
            console.complain(
                f"{each.what} is part of an unknown file of this repository: `shammah models rm "
                f"{each.what}` frees {format_size(each.kept_bytes)}"
            )
        return ExitStatus.NOT_HERE
    if not yes:
        size = format_size(holding.kept_bytes)
        match console.confirm(f"Delete {label} from this disk? It frees {size}."):
            case None:
                console.complain("There is no terminal to confirm on: add --yes to delete it")
                return ExitStatus.USAGE
            case False:
                console.complain(f"{label} was not deleted")
                return ExitStatus.FAILED
    freed = foundation.source.delete(holding.model)
    console.tell(f"{label} is deleted; {format_size(freed)} freed")
    return ExitStatus.DONE
