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

app._import_and_make = stop
app.run(headless=True)
"""

MODULES = {
    "adapters",
    "adapters.chosen_theme",
    "adapters.claude_key",
    "adapters.settings_file",
    "adapters.state_file",
    "cli",
    "core",
    "core.errors",
    "core.key_fit",
    "core.draft",
    "core.question_history",
    "core.signs",
    "first",
    "first.unblocked",
    "ui",
    "ui.app",
    "ui.caret",
    "ui.commands",
    "ui.early_keys",
    "ui.folded_text",
    "ui.garbage",
    "ui.key_command",
    "ui.keys",
    "ui.message_keys",
    "ui.messages",
    "ui.paste_filter",
    "ui.plain_app",
    "ui.plain_mode",
    "ui.screens",
    "ui.screens.chat",
    "ui.screens.model_screen",
    "ui.screens.named_commands",
    "ui.short_window",
    "ui.sturdy_app",
    "ui.terminal_driver",
    "ui.terminal_writer",
    "ui.theme",
    "ui.widgets",
    "ui.widgets.chat_pane",
    "ui.widgets.composer",
    "ui.widgets.generator_header",
    "ui.widgets.gone",
    "ui.widgets.held_scroll",
    "ui.widgets.key_line",
    "ui.widgets.message_box",
    "ui.widgets.message_widgets",
    "ui.widgets.progress_rule",
    "ui.widgets.unseen_rule",
    "ui.widgets.welcome",
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
