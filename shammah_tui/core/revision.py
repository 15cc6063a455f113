"""Which revision of a model a file holds, by where it lies."""

import re

_SNAPSHOT = re.compile(r"/snapshots/([0-9a-f]{40})/")
"""The Hub's cache has a folder for each commit of a repository."""
SHOWN_DIGITS = 12
"""Of a commit, in a receipt: what Git shows of one in a large repository."""


def revision_of(path: str) -> str:
    """Return the commit of a file in the Hub's cache, and of any other the name it has.

    A server's model has no path, and no revision either: it tells none.
    """
    found = _SNAPSHOT.search(path)
    return found[1] if found else path.rpartition("/")[2]


def shown_revision(revision: str) -> str:
    """Return a revision as a receipt shows it: a commit by its first digits."""
    is_commit = re.fullmatch("[0-9a-f]{40}", revision)
    return revision[:SHOWN_DIGITS] if is_commit else revision
