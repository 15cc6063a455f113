"""The command line of ``shammah doctor``; standard library only, for ``--help`` imports it."""

import argparse
from typing import Any

DOCTOR = "doctor"

DESCRIPTION = """\
Check the llama.cpp build, devices, memory, disk, settings, key, network and
terminal, and say how to fix what is wrong. Takes up to 6 s."""

EPILOG = """\
exit status:
  0    ready to chat: Claude, the local model or both can answer
  1    nothing can answer
"""


def add_doctor_command(commands: Any) -> None:
    """Add ``doctor`` to the program's parser.

    Args:
        commands: What ``ArgumentParser.add_subparsers`` returned.
    """
    doctor: argparse.ArgumentParser = commands.add_parser(
        DOCTOR,
        help="check this installation and say what to do",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
