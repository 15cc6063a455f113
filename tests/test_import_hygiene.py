"""What may be imported before the first frame: it is all paid for while the user waits."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

HEAVY = {
    "anthropic": "1.2 s",
    "huggingface_hub": "0.2 s",
    "keyring": "0.1 s",
    "llama_cpp": "0.2 s",
    "httpx2": "0.1 s",
    "textual.widgets._markdown": "50 ms",
    "markdown_it": "20 ms",
    "psutil": "16 ms",
    "pynvml": "18 ms",
    "numpy": "100 ms",
    "jinja2": "30 ms",
    "sqlite3": "5 ms",
    "tomlkit": "20 ms",
    "aiohttp": "0.3 s",
    "textual_serve": "0.4 s",
}

HEAVY_FOR_PARTS = HEAVY.keys() - {"sqlite3"}
"""Where the parts are made, on a thread of their own, the store is made as well."""


def modules_after(code: str, home: Path) -> set[str]:
    """Return what ``sys.modules`` holds after ``code`` ran in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
    )
    return set(told.stdout.splitlines())


def found(modules: set[str], names: Iterable[str]) -> set[str]:
    return {name for name in names if name in modules}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_no_screen_and_no_sdk(argument: str, tmp_path: Path) -> None:
    code = (
        "from shammah_tui.cli import main\n"
        f"try:\n    main(['{argument}'])\nexcept SystemExit:\n    pass"
    )
    assert not found(modules_after(code, tmp_path), {*HEAVY, "textual", "rich", "asyncio"})


def test_the_first_frame_waits_for_nothing_heavy(tmp_path: Path) -> None:
    """Everything that ``shammah`` does up to the loop, without a terminal."""
    code = "from shammah_tui.cli import make_app\nmake_app('', offline=True)"
    assert not found(modules_after(code, tmp_path), HEAVY)


def test_what_stands_behind_the_screen_waits_for_nothing_heavy(tmp_path: Path) -> None:
    code = "from shammah_tui.cli import make_app\nmake_app('', offline=True).services"
    assert not found(modules_after(code, tmp_path), HEAVY_FOR_PARTS)


def test_the_first_picture_waits_for_next_to_nothing(tmp_path: Path) -> None:
    """Everything that ``shammah`` does before it draws and reads keys."""
    code = (
        "import sys\nbefore = set(sys.modules)\n"
        "import shammah_tui.__main__, shammah_tui.start.screen, os\n"
        "look = shammah_tui.start.screen.find_look({'TERM': 'xterm-256color', 'HOME': '/'})\n"
        "shammah_tui.start.screen.picture(look, 80, 24, 'typed')\n"
        "for name in before: sys.modules.pop(name)"
    )
    loaded = modules_after(code, tmp_path) - {"sys"}
    assert {name for name in loaded if not name.startswith("shammah_tui")} == set()
    assert {name for name in loaded if not name.startswith("shammah_tui.start")} == {
        "shammah_tui",
        "shammah_tui.core",
        "shammah_tui.core.text",
        "shammah_tui.core.text.key_fit",
        "shammah_tui.core.wording",
        "shammah_tui.core.wording.first_frame",
        "shammah_tui.__main__",
    }
