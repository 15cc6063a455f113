"""The command line of ``shammah doctor``; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

DOCTOR = "doctor"

DESCRIPTION = """\
Look at the llama.cpp build, devices, memory, disk, settings, key, network and
terminal, and say what to type where something is not right. Takes up to 6 s."""

EPILOG = """\
exit status:
  0    all is well enough to chat: Claude, the local model or both can answer
  1    nobody can answer
"""


def add_doctor_command(commands: Any) -> None:
    """Add ``doctor`` to the program's parser.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    doctor: argparse.ArgumentParser = commands.add_parser(
        DOCTOR,
        help="look at this installation and say what to do",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
