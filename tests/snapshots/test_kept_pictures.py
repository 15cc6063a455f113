"""The pictures in the folder are those of the tests, each of which may run in another process."""

import inspect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.snapshots import test_screens

FOLDER = Path(__file__).parent / "__snapshots__"


def names(test: Callable[..., object]) -> Iterator[str]:
    """Yield the names under which pytest runs a test, which are the pictures'."""
    marks = [each for each in test.pytestmark if each.name == "parametrize"]  # type: ignore[attr-defined]
    for chosen in itertools.product(*(each.args[1] for each in marks)):
        yield f"{test.__name__}[{'-'.join(chosen)}]"


def test_each_picture_belongs_to_a_test_and_each_test_has_its_picture() -> None:
    tests = [
        each
        for name, each in inspect.getmembers(test_screens, inspect.isfunction)
        if name.startswith("test_")
    ]
    wanted = {f"test_screens/{name}.svg" for each in tests for name in names(each)}
    assert {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")} == wanted
