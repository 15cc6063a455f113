"""Who has a key that two commands have: what is said is what happens."""

from collections.abc import Callable

import pytest

from shammah_tui.core.local.generator import Downloading
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.settings.settings_table import Known, settings_from
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.frame.key_clashes import key_clashes
from shammah_tui.ui.frame.keys import KEY_IDS
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.steps import composer


def shows(kind: type) -> Callable[[ShammahApp], bool]:
    return lambda app: isinstance(app.screen, kind)


@pytest.mark.parametrize(
    ("keys", "key", "winner", "happens"),
    [
        ({"conversations": "f2"}, "f2", "conversations", shows(Conversations)),
        ({"models": "f4", "conversations": "f4"}, "f4", "conversations", shows(Conversations)),
        ({"help": "f4", "models": "f4"}, "f4", "models", shows(ModelPanel)),
        ({"help": "f2"}, "f2", "models", shows(ModelPanel)),
        ({"quit": "f1"}, "f1", "quit", lambda app: not app.is_running),
        ({"quit": "f4", "page_up": "f4"}, "f4", "quit", lambda app: not app.is_running),
        (
            {"editor": "f1", "newline": "f1"},
            "f1",
            "newline",
            lambda app: composer(app).text == "\n",
        ),
        ({"help": "f5", "theme": "f5"}, "f5", "theme", lambda app: len(app.screen_stack) == 2),
    ],
)
async def test_the_one_that_is_named_has_it(
    keys: dict[str, str], key: str, winner: str, happens: Callable[[ShammahApp], bool]
) -> None:
    clashes = key_clashes(keys)
    assert len(clashes) >= 1
    assert all(each.endswith(f"; using {winner}") for each in clashes)
    app = Stage(claude=claude(), settings=Settings(keys=keys)).app()
    async with app.run_test() as pilot:
        await wait_for_state(pilot, app, Downloading)
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press(key)
        await wait_until(pilot, lambda: happens(app))
        assert not isinstance(app.screen, HelpPanel)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"stop": "f4"},
        {"stop": "escape"},
        {"copy_message": "y", "quote": "c"},
        {"models": "f3", "conversations": "f2"},
        {"editor": "r"},
    ],
)
def test_what_is_no_clash(keys: dict[str, str]) -> None:
    assert key_clashes(keys) == ()


def test_one_character_may_be_written_in_two_ways() -> None:
    (clash,) = key_clashes({"copy_message": "question_mark", "quote": "?"})
    assert clash == "[keys] ? is bound to both copy_message and quote; using copy_message"


def test_it_is_a_problem_of_the_settings() -> None:
    known = Known(KEY_IDS, None, key_clashes)
    settings, problems = settings_from({"keys": {"models": "f3"}}, known)
    assert problems == ("[keys] F3 is bound to both models and conversations; using models",)
    assert settings.keys == {"models": "f3"}
