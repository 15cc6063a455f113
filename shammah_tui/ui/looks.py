"""The settings that the first frame depends on."""

from collections.abc import Mapping
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


class Looks:
    """Plain, because a dataclass costs 1 ms before the first frame, and all settings 8 ms.

    Attributes:
        theme: Name of the theme; empty leaves it to what was chosen last.
        plain: Whether nothing moves and no lines are drawn.
        keys: Keys that the user gives to some ids.
    """

    def __init__(
        self, theme: str = "", *, plain: bool = False, keys: Mapping[str, str] = _NONE
    ) -> None:
        self.theme = theme
        self.plain = plain
        self.keys = keys
