"""A server in the settings costs nothing before the first frame."""

from pathlib import Path

from tests.test_import_hygiene import HEAVY_FOR_PARTS, found, modules_after


def test_nothing_heavy_is_imported_for_an_endpoint(tmp_path: Path) -> None:
    for folder in (".config/shammah", "Library/Application Support/shammah"):
        path = tmp_path / folder / "config.toml"
        path.parent.mkdir(parents=True)
        path.write_text('[endpoint]\nurl = "http://127.0.0.1:9"\n')
    code = "from shammah_tui.cli import make_app\nmake_app('', offline=False).services"
    modules = modules_after(code, tmp_path)
    assert "shammah_tui.adapters.endpoint.engine" in modules
    assert not found(modules, HEAVY_FOR_PARTS)
