"""Sentences for the user stand in ``core/wording``: none that ends in a full stop elsewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "shammah_tui"

ELSEWHERE = (
    "core/wording/",
    # Models read it, or SQLite.
    "adapters/sqlite/searching.py",
    "core/routing/messages_request.py",
    "services/conversation/chat_session.py",
    # Core's values and the children are not to import wording, or not yet: each sentence stands
    # where the one error is raised that has it.
    "children/",
    "core/local/generator.py",
    "core/model/",
)
"""Files, and folders, in which such sentences stand as well."""


def _sentences(path: Path) -> Iterator[str]:
    """Yield what a file has of four words or more that end in a full stop, docstrings aside."""
    tree = ast.parse(path.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            words = node.value.split()
            if len(words) >= 4 and words[-1][-1] == "." and words[-1][-2:] != "..":
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}: {node.value!r}"


def test_sentences_stand_in_wording() -> None:
    names = {path: path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    strict = [path for path, name in names.items() if not name.startswith(ELSEWHERE)]
    assert [said for path in sorted(strict) for said in _sentences(path)] == []
    for place in ELSEWHERE:
        found = [path for path, name in names.items() if name.startswith(place)]
        assert any(True for path in found for _ in _sentences(path)), place


def test_no_sentence_stands_twice_in_wording() -> None:
    said: dict[str, str] = {}
    for path in sorted((PACKAGE / "core" / "wording").glob("*.py")):
        tree = ast.parse(path.read_text())
        notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                text = node.value.value
                if isinstance(text, str) and len(text.split()) >= 4 and id(node.value) not in notes:
                    assert text not in said, (text, said[text], path.name)
                    said[text] = path.name
    assert len(said) > 50
