"""What the start depends on and is exact: modules, styles. Milliseconds are for the benchmarks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_import_hygiene import modules_after

UNTIL_THE_TAKEOVER = """
import json, os, sys
from shammah_tui.cli import make_app

app = make_app("", offline=True)

def stop():
    # On the thread that makes the parts: there is a frame, and what was typed early is in it.
    ours = [name for name in sys.modules if name.startswith("shammah_tui")]
    styles = {str(place): len(source.content) for place, source in app.stylesheet.source.items()}
    print(json.dumps({"modules": ours, "styles": styles, "others": list(sys.modules)}), flush=True)
    os._exit(0)

app._startup.import_and_make = stop
app.run(headless=True)
"""

MODULES = {
    "adapters",
    "adapters.claude",
    "adapters.claude.claude_key",
    "adapters.files",
    "adapters.files.remembered_name",
    "adapters.files.settings_file",
    "adapters.files.state_file",
    "cli",
    "core",
    "core.conversation",
    "core.conversation.draft",
    "core.errors",
    "core.text",
    "core.text.blank",
    "core.text.key_fit",
    "core.wording",
    "core.wording.first_frame",
    "core.wording.notices",
    "start",
    "start.terminal",
    "ui",
    "ui.app",
    "ui.chat",
    "ui.chat.chat_pane",
    "ui.chat.chat_screen",
    "ui.chat.generator_header",
    "ui.chat.held_scroll",
    "ui.chat.message_box",
    "ui.chat.unseen_rule",
    "ui.chat.welcome",
    "ui.composer",
    "ui.composer.composer",
    "ui.composer.folded_text",
    "ui.composer.question_history",
    "ui.composer.slash",
    "ui.frame",
    "ui.frame.commands",
    "ui.frame.garbage",
    "ui.frame.gone",
    "ui.frame.key_line",
    "ui.frame.keys",
    "ui.frame.paste_filter",
    "ui.frame.base_app",
    "ui.frame.plain_mode",
    "ui.frame.startup",
    "ui.frame.terminal_driver",
    "ui.frame.textual_privates",
    "ui.frame.theme",
}
OWN_STYLES_BYTES, STYLES_BYTES = 2_700, 8_800
OTHERS = {"_json", "concurrent", "gc", "json", "rich"}
"""``json`` is this test's own; of Rich it is small parts, of concurrent the pool of threads."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what there is when Textual's composer takes over."""
    home = tmp_path_factory.mktemp("home")
    told = subprocess.run(
        [sys.executable, "-c", UNTIL_THE_TAKEOVER],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color"},
    )
    found: dict[str, object] = json.loads(told.stdout.splitlines()[-1])
    return found


def test_exactly_these_modules_are_loaded_before_the_takeover(start: dict[str, object]) -> None:
    # One more costs 0.3 to 10 ms, and is for the thread that makes the parts if it can be.
    modules = start["modules"]
    assert isinstance(modules, list)
    assert set(modules) == {"shammah_tui", *(f"shammah_tui.{name}" for name in MODULES)}


def test_no_more_styles_are_read_before_the_takeover(start: dict[str, object]) -> None:
    # 1 ms each 800 bytes, Textual's own among them.
    styles = start["styles"]
    assert isinstance(styles, dict)
    ours = sum(size for place, size in styles.items() if "shammah_tui" in place)
    assert ours <= OWN_STYLES_BYTES
    assert sum(styles.values()) <= STYLES_BYTES


def test_nothing_of_others_is_loaded_that_a_bare_app_does_not_need(
    start: dict[str, object], tmp_path: Path
) -> None:
    bare = modules_after(
        "from textual.app import App\nimport textual.drivers.linux_driver, textual.pilot\n"
        "import textual.drivers.headless_driver, textual.widgets._footer, textual.widgets._header",
        tmp_path,
    )
    others = start["others"]
    assert isinstance(others, list)
    more = {name.partition(".")[0] for name in set(others) - bare}
    assert more - {"shammah_tui", "textual", "__mp_main__"} == OTHERS
