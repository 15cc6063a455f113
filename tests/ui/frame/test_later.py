"""What is made ready on another thread, so that the first reply with code holds nothing up."""

import subprocess
import sys

COMPILED = """
from shammah_tui.ui.frame.startup import prepare_for_replies

prepare_for_replies()
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer

print("_tokens" in PythonLexer.__dict__, "_tokens" in BashLexer.__dict__)
"""


def test_the_usual_languages_are_compiled() -> None:
    told = subprocess.run(
        [sys.executable, "-c", COMPILED], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.split() == ["True", "True"]
