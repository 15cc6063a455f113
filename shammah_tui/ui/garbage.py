"""When memory is looked through for garbage, and how much of it.

Python looks through everything that lives as soon as a quarter of it is new. With the SDKs that
took 80 to 105 ms, in the middle of a reply or between two keys; without what lives to the end
anyway it takes 10 to 20.
"""

import gc

from textual._styles_cache import StylesCache

YOUNG, MIDDLE = 2_000, 10
"""New objects after which the new ones are looked through: 0.2 ms, and every tenth time 2 ms."""
OLD_WHILE_STARTING, OLD = 1_000, 6
"""After so many times the latter, everything is."""


def begin() -> None:
    """Switch collection on; what lives now lives to the end and is not looked at again."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD_WHILE_STARTING)
    gc.enable()


def settle() -> None:
    """Do not look again at what was imported since either."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def forget_pictures() -> None:
    """Let go of what widgets that are gone looked like.

    Textual remembers the colours of the last 1,024 widgets, and by that their lines: 25 MB.
    """
    StylesCache.get_inner_outer.cache_clear()
