"""``shammah help``: longer texts than fit ``--help`` and README, one file each."""

import argparse
from importlib.resources import files

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import config as words
from shammah_tui.core.wording.suggestions import suggestion

_FOLDER = files("shammah_tui.core.wording") / "topics"


def topic_names() -> tuple[str, ...]:
    """Return the names of all topics, in alphabetical order."""
    names = (each.name for each in _FOLDER.iterdir())
    return tuple(sorted(name[:-4] for name in names if name.endswith(".txt")))


def topic(name: str) -> str:
    """Return the text of a topic; its first line is its title."""
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def run_help(options: argparse.Namespace, console: Console) -> ExitStatus:
    """Print a topic, or the list of them."""
    names = topic_names()
    wanted = options.topic.strip().lower()
    if not wanted:
        titles = ((name, topic(name).partition("\n")[0]) for name in names)
        console.tell(words.topic_list(titles))
        return ExitStatus.DONE
    if wanted not in names:
        console.complain(words.no_topic(plain(options.topic), suggestion(wanted, names)))
        return ExitStatus.USAGE
    console.tell(topic(wanted).rstrip("\n"))
    return ExitStatus.DONE
