"""``shammah help``: what it says is true of the program."""

import argparse
import io
import re

import pytest

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.topics import run_help, topic, topic_names
from shammah_tui.ui.frame.keys import KEY_COMMANDS, SLASH_COMMANDS, spoken


def told(name: str) -> tuple[ExitStatus, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    console = Console(output, errors, io.StringIO())
    status = run_help(argparse.Namespace(topic=name), console)
    return status, output.getvalue(), errors.getvalue()


def test_the_list_has_every_topic() -> None:
    status, output, errors = told("")
    assert (status, errors) == (ExitStatus.DONE, "")
    assert len(topic_names()) >= 9
    assert all(re.search(rf"^  {name} ", output, re.MULTILINE) for name in topic_names())


@pytest.mark.parametrize("name", topic_names())
def test_a_topic_fits_a_terminal(name: str) -> None:
    status, output, errors = told(name.upper())
    assert (status, errors) == (ExitStatus.DONE, "")
    assert output == topic(name)
    lines = output.split("\n")
    assert lines[1] == "" and max(map(len, lines)) <= 78


def test_another_word_is_refused_and_the_meant_one_named() -> None:
    status, output, errors = told("setings")
    assert (status, output) == (ExitStatus.USAGE, "")
    assert errors == "shammah: There is no topic setings; did you mean settings?\n"
    assert "`shammah help` lists them" in told("\x1b[31mxyzzy")[2]


def test_the_keys_are_those_of_the_program() -> None:
    rows = {
        match[2]: match[1]
        for match in re.finditer(r"^  (\S.*?)  +([a-z_]+)  ", topic("keys"), re.MULTILINE)
    }
    for command in KEY_COMMANDS:
        if command.keys:
            assert spoken(command.keys.split(",")[0]) == rows[command.id].split(", ")[0]
        else:
            assert re.search(rf"\b{command.id}\b", topic("keys"))


def test_the_commands_that_are_named_exist() -> None:
    for name in topic_names():
        for command in re.findall(r"(?<![\w~/.])/([a-z]+)\b(?!/)", topic(name)):
            assert command in SLASH_COMMANDS or command == "key", (name, command)
