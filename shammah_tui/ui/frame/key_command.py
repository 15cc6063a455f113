"""What a row of the table of commands is."""

from enum import Enum, auto


class BindingOwner(Enum):
    """Who has a command's binding, and its action unless the action names another place."""

    APP = auto()
    CHAT = auto()
    COMPOSER = auto()
    MESSAGE = auto()


class KeyCommand:
    """One thing the user can have done; plain, because a dataclass costs 1 ms of the start.

    Attributes:
        id: Name by which ``[keys]`` in the settings can give it another key.
        keys: The keys it has otherwise, comma separated; empty is none.
        action: The Textual action, of whoever has the binding unless it names another place.
        label: Its word in the footer.
        description: Its line in the command palette.
        show: Whether the footer shows it while it can be done.
        priority: Whether it comes before what the focused widget does with the key.
        slash: Name that does it when written after a slash; empty is none.
        argument: What the action takes as its last parameter when it is done by its name, as a
            word for the help; empty is nothing. Otherwise the action is done without it.
        owner: Who has the binding.
    """

    def __init__(
        self,
        id_: str,
        keys: str,
        action: str,
        label: str,
        description: str,
        show: bool = True,
        priority: bool = False,
        slash: str = "",
        argument: str = "",
        owner: BindingOwner = BindingOwner.CHAT,
    ) -> None:
        self.id = id_
        self.keys = keys
        self.action = action
        self.label = label
        self.description = description
        self.show = show
        self.priority = priority
        self.slash = slash
        self.argument = argument
        self.owner = owner

    @property
    def usage(self) -> str:
        """How it is written, such as ``/theme NAME``; empty when it has no name."""
        return f"/{self.slash} {self.argument}".rstrip() if self.slash else ""

    @property
    def title(self) -> str:
        """Its row in the command palette, which is sorted by it."""
        said = self.description.startswith(self.label)
        return self.description if said else f"{self.label}: {self.description}"
