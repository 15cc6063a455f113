"""The developers' page names only what exists, and every room says what it holds."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / ".github" / "CONTRIBUTING.md"
_PATH = re.compile(
    r"(?:shammah_tui|tests|assets|\.ci|\.github)/[\w./-]*|README\.md|pyproject\.toml"
)


def test_every_file_and_folder_that_it_names_exists() -> None:
    named = {name.rstrip(".") for name in _PATH.findall(PAGE.read_text())}
    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_readme_leads_to_it() -> None:
    assert ".github/CONTRIBUTING.md" in (ROOT / "README.md").read_text()


def test_every_package_says_what_it_holds() -> None:
    packages = sorted((ROOT / "shammah_tui").rglob("__init__.py"))
    assert len(packages) > 10
    for package in packages:
        said = ast.get_docstring(ast.parse(package.read_text())) or ""
        assert len(said.split()) >= 8, package
