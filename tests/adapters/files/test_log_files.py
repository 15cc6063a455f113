import logging
import os
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.adapters.files.log_files import (
    MAX_FILE_BYTES,
    OLD_FILES,
    child_log_path,
    hide_in_log,
    log_folder,
    start_logging,
)
from shammah_tui.core.text.secrets import HIDDEN

KEY = "sk-ant-api03-AbCdEf_0123-xyz"
TOKEN = "hf_AbCdEfGhIjKlMnOp"
ENVIRONMENT = {
    "ANTHROPIC_API_KEY": KEY,
    "HF_TOKEN": "plainlookingtoken",
    "OTHER_SECRET": "plainlookingtoken-longer",
    "USE_KEY": "auto",
    "PATH": "/usr/local/bin",
}

log = logging.getLogger("shammah_tui.test")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("shammah_tui")
    before = list(root.handlers), root.level, own.level, logging.raiseExceptions
    yield
    for handler in set(root.handlers) - set(before[0]):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(before[1])
    own.setLevel(before[2])
    logging.raiseExceptions = before[3]
    logging.captureWarnings(False)


def start(folder: Path) -> Path:
    path = start_logging(folder, ENVIRONMENT)
    assert path is not None
    return path


def test_the_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert log_folder().is_relative_to(tmp_path)
    assert "shammah" in log_folder().parts


def test_what_is_logged(tmp_path: Path) -> None:
    path = start(tmp_path / "a" / "logs")
    log.info("Opened %s", "well")
    log.debug("Not this")
    logging.getLogger("somebody").info("Nor this")
    logging.getLogger("somebody").warning("But this")
    warnings.warn("and this", UserWarning, stacklevel=1)
    written = path.read_text()
    assert "INFO shammah_tui.test: Opened well" in written
    assert "WARNING somebody: But this" in written
    assert "and this" in written
    assert "Not this" not in written
    assert "Nor this" not in written


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    path = start(tmp_path / "logs")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "line",
    [
        f"headers: {{'x-api-key': '{KEY}'}}",
        f"token {TOKEN} of a file",
        "token plainlookingtoken of the environment",
        "secret plainlookingtoken-longer of the environment",
        "Authorization: Bearer abc.def-ghi",
        "proxy http://me:pass@proxy.local:3128 refused",
        "other key sk-proj-0123456789abcdef",
    ],
)
def test_secrets_are_hidden(tmp_path: Path, line: str) -> None:
    path = start(tmp_path)
    log.warning("%s", line)
    written = path.read_text()
    assert HIDDEN in written
    for secret in (KEY, TOKEN, "plainlookingtoken", "-longer", "abc.def", "me:pass", "sk-proj"):
        assert secret not in written


def test_secrets_in_traces_are_hidden(tmp_path: Path) -> None:
    path = start(tmp_path)
    try:
        int(f"Bad header {KEY}")
    except ValueError:
        log.exception("It failed")
    written = path.read_text()
    assert "Traceback" in written
    assert f"'Bad header {HIDDEN}'" in written
    assert KEY not in written


def test_what_is_no_secret_stays(tmp_path: Path) -> None:
    path = start(tmp_path)
    log.warning("automatic, http://host:80/a@b, /usr/local/bin, ask-someone-else, hf_cache")
    assert HIDDEN not in path.read_text()


def test_a_log_line_cannot_draw_on_a_terminal(tmp_path: Path) -> None:
    path = start(tmp_path)
    log.warning("A server said \x1b[2J\x07 and \udc80")
    assert "said \\x1b[2J\\x07 and \\udc80" in path.read_text()


def test_it_stays_small(tmp_path: Path) -> None:
    start(tmp_path)
    for _ in range(50):
        log.warning("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 1 + OLD_FILES
    assert all(file.stat().st_size <= MAX_FILE_BYTES for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_nothing_reaches_the_screen(tmp_path: Path) -> None:
    # A real process, with a log that cannot be written: the folder's place is taken by a file.
    code = f"""
import logging, sys, warnings
from pathlib import Path
from shammah_tui.adapters.files.log_files import start_logging
print(start_logging(Path({str(tmp_path / "taken" / "logs")!r}), {{}}))
logging.getLogger("shammah_tui").error("no file")
logging.getLogger("other").critical("no file")
warnings.warn("no file")
path = start_logging(Path({str(tmp_path / "logs")!r}), {{}})
logging.getLogger("shammah_tui").error("a file %d", "a line that cannot be formatted")
import os
os.environ["ANTHROPIC_LOG"] = "debug"
import anthropic
logging.getLogger("anthropic").warning("from the SDK")
"""
    (tmp_path / "taken").write_text("")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "None\n"
    assert told.stderr == ""
    assert "from the SDK" in (tmp_path / "logs" / "shammah.log").read_text()


def test_a_childs_log_is_made_and_kept(tmp_path: Path) -> None:
    path = child_log_path(tmp_path / "logs", "engine")
    assert path == tmp_path / "logs" / "engine.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("first\n")
    assert child_log_path(tmp_path / "logs", "engine").read_text() == "first\n"


def test_a_childs_log_is_set_aside_when_big(tmp_path: Path) -> None:
    path = child_log_path(tmp_path, "engine")
    path.write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    assert child_log_path(tmp_path, "engine").read_bytes() == b""
    assert (tmp_path / "engine.log.1").stat().st_size == MAX_FILE_BYTES + 1


def test_a_childs_log_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert child_log_path(tmp_path / "taken" / "logs", "engine") == Path(os.devnull)


def test_the_password_of_a_proxy_and_a_key_with_a_name_of_its_own_are_hidden(
    tmp_path: Path,
) -> None:
    proxies = {"ALL_PROXY": "socks5://bob:hunter-two@proxy:1", "http_proxy": "bob:opensesame@p:2"}
    path = start_logging(tmp_path, {**ENVIRONMENT, **proxies, "BOX": "a-box-key"})
    assert path is not None
    hide_in_log("a-box-key")
    error = ValueError("URL('socks5://bob:hunter-two@proxy:1'), bob:opensesame, a-box-key")
    log.error("It failed", exc_info=error)
    logged = path.read_text()
    assert "ValueError" in logged
    assert not [each for each in ("hunter", "opensesame", "a-box-key") if each in logged]
