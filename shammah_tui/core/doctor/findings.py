"""What an examination of this installation has found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Fact = str | int | float | bool | None | tuple["Fact", ...]


class Mark(StrEnum):
    """How good it is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        id: Its name for programs.
        label: Its name for people.
        mark: How good it is.
        says: What was found, one line.
        advice: What to do, one line, where it is not good; commands as they are typed.
        facts: The same as values; units are in the names.
    """

    id: str
    label: str
    mark: Mark
    says: str
    advice: str = ""
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found, in the order in which it is told."""

    findings: tuple[Finding, ...]
    claude_can_reply: bool
    local_can_reply: bool

    @property
    def can_chat(self) -> bool:
        return self.claude_can_reply or self.local_can_reply
