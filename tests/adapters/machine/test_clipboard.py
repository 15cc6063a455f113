"""Real programs in the tools' places, which keep what they were given."""

import os
from pathlib import Path

import pytest

from shammah_tui.adapters.machine import clipboard
from shammah_tui.adapters.machine.clipboard import SystemClipboard

TEXT = "# Grüße\n\n```py\nprint('→')\n```\n"


def tool(folder: Path, name: str, then: str = "") -> None:
    """Put a program there that writes what it reads, and what it was told, beside itself."""
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" > "$0.told"\ncat > "$0.got"\n{then}\n')
    program.chmod(0o755)


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": f"{folder}{os.pathsep}{os.defpath}", **more}


@pytest.mark.parametrize(
    ("name", "display", "told"),
    [
        ("wl-copy", "WAYLAND_DISPLAY", "--type text/plain"),
        ("xclip", "DISPLAY", "-selection clipboard"),
        ("xsel", "DISPLAY", "--clipboard --input"),
        ("pbcopy", "", ""),
    ],
)
async def test_each_tool_gets_the_text(tmp_path: Path, name: str, display: str, told: str) -> None:
    tool(tmp_path, name)
    where = environment(tmp_path, **({display: ":0"} if display else {}))
    assert await SystemClipboard(where).copy(TEXT)
    assert (tmp_path / f"{name}.got").read_text(encoding="utf-8") == TEXT
    assert (tmp_path / f"{name}.told").read_text().strip() == told


async def test_windows_gets_what_it_can_read(tmp_path: Path) -> None:
    tool(tmp_path, "clip.exe")
    assert await SystemClipboard(environment(tmp_path)).copy(TEXT)
    got = (tmp_path / "clip.exe.got").read_bytes()
    assert got[:2] in {b"\xff\xfe", b"\xfe\xff"}
    assert got.decode("utf-16") == TEXT


async def test_a_tool_without_its_display_is_left_alone(tmp_path: Path) -> None:
    tool(tmp_path, "wl-copy")
    tool(tmp_path, "xclip")
    assert not await SystemClipboard(environment(tmp_path)).copy(TEXT)
    assert not list(tmp_path.glob("*.got"))


async def test_without_a_tool_nothing_is_claimed(tmp_path: Path) -> None:
    where = {"PATH": str(tmp_path), "DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}
    assert not await SystemClipboard(where).copy(TEXT)


async def test_the_next_tool_is_tried_when_one_fails(tmp_path: Path) -> None:
    tool(tmp_path, "wl-copy", "exit 1")
    tool(tmp_path, "xclip")
    where = environment(tmp_path, WAYLAND_DISPLAY="w", DISPLAY=":0")
    assert await SystemClipboard(where).copy(TEXT)
    assert (tmp_path / "xclip.got").read_text(encoding="utf-8") == TEXT


async def test_a_tool_that_stays_to_serve_the_clipboard_is_not_waited_for(tmp_path: Path) -> None:
    # As xclip does: the program returns while its child holds on to what it inherited.
    tool(tmp_path, "xclip", "sleep 5 &\nexit 0")
    assert await SystemClipboard(environment(tmp_path, DISPLAY=":0")).copy(TEXT)


async def test_a_tool_that_hangs_is_ended_and_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE_S", 0.3)
    tool(tmp_path, "xsel", 'echo $$ > "$0.pid"\nexec sleep 60')
    assert not await SystemClipboard(environment(tmp_path, DISPLAY=":0")).copy(TEXT)
    pid = tmp_path / "xsel.pid"
    if pid.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


async def test_a_tool_that_does_not_read_fails(tmp_path: Path) -> None:
    program = tmp_path / "pbcopy"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert not await SystemClipboard(environment(tmp_path)).copy("x" * 1_000_000)
