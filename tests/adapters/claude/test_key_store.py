"""Where a given key is kept: the keyring, else a file; and what is in the way."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import keyring.core
import pytest
from keyring.backends import fail, null

from shammah_tui.adapters.claude.key_store import KeyringError, KeyStore
from shammah_tui.core.settings.key_places import ForgottenKey, KeptKey, KeyPlace, KeyringTrouble
from tests.keyrings import (
    FILE_VARIABLE,
    FileKeyring,
    HangingKeyring,
    LockedKeyring,
    PlainKeyring,
    TornKeyring,
    named,
)

KEY = "sk-ant-api03-of-the-store-0123456789"
OTHER = "sk-ant-api03-another-one-0123456789"


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Return what chooses the keyring."""

    def choose(kind: object) -> None:
        monkeypatch.setattr(keyring.core, "_keyring_backend", None)
        monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keyring"))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", named(kind))  # type: ignore[arg-type]

    return choose


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "state" / "key.json", patience_s=0.5)


def in_keyring(tmp_path: Path) -> str:
    path = tmp_path / "keyring"
    return path.read_text() if path.exists() else ""


def test_nothing_is_kept_at_first(store: KeyStore) -> None:
    # No keyring was chosen: the system's own would be asked.
    assert not store.is_used
    assert store.read() == ("", KeyPlace.FILE)


def test_the_keyring_has_it_and_the_file_says_so(
    store: KeyStore, use: Callable[[object], None], tmp_path: Path
) -> None:
    use(FileKeyring)
    assert store.keep(KEY) == KeptKey(KeyPlace.KEYRING, str(store.path))
    assert KEY in in_keyring(tmp_path)
    assert KEY not in store.path.read_text()
    again = KeyStore(store.path)
    assert again.is_used
    assert again.read() == (KEY, KeyPlace.KEYRING)
    assert again.forget() == ForgottenKey((KeyPlace.KEYRING,), None, str(store.path))
    assert KEY not in in_keyring(tmp_path)
    assert not store.path.exists()
    assert again.read() == ("", KeyPlace.FILE)


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        (fail.Keyring, KeyringTrouble.NONE),
        (null.Keyring, KeyringTrouble.NONE),
        (PlainKeyring, KeyringTrouble.NONE),
        (LockedKeyring, KeyringTrouble.LOCKED),
        (HangingKeyring, KeyringTrouble.SILENT),
        (TornKeyring, KeyringTrouble.FAILED),
    ],
)
def test_without_a_keyring_it_is_in_a_file_of_ones_own(
    kind: object,
    trouble: KeyringTrouble,
    store: KeyStore,
    use: Callable[[object], None],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    use(kind)
    assert store.keep(KEY) == KeptKey(KeyPlace.FILE, str(store.path), trouble)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert list(store.path.parent.iterdir()) == [store.path]
    assert store.read() == (KEY, KeyPlace.FILE)
    assert in_keyring(tmp_path) == ""
    assert KEY not in caplog.text
    assert store.forget().places == (KeyPlace.FILE,)
    assert not store.path.exists()


@pytest.mark.parametrize("kind", [LockedKeyring, HangingKeyring, fail.Keyring])
def test_a_keyring_that_gives_nothing_any_more(
    kind: object, store: KeyStore, use: Callable[[object], None]
) -> None:
    use(FileKeyring)
    store.keep(KEY)
    use(kind)
    with pytest.raises(KeyringError):
        store.read()
    # It is still there: the next start finds it.
    use(FileKeyring)
    assert store.read() == (KEY, KeyPlace.KEYRING)
    use(kind)
    forgotten = store.forget()
    assert forgotten.places == ()
    assert forgotten.keyring is not None
    assert not store.is_used


def test_a_key_that_somebody_else_deleted(store: KeyStore, use: Callable[[object], None]) -> None:
    use(FileKeyring)
    store.keep(KEY)
    FileKeyring().delete_password("shammah", "ANTHROPIC_API_KEY")
    with pytest.raises(KeyringError) as lost:
        store.read()
    assert lost.value.trouble is KeyringTrouble.LOST


def test_a_new_key_takes_the_place_of_both(
    store: KeyStore, use: Callable[[object], None], tmp_path: Path
) -> None:
    use(fail.Keyring)
    store.keep(KEY)
    use(FileKeyring)
    store.keep(OTHER)
    assert KEY not in store.path.read_text()
    use(LockedKeyring)
    store.keep(KEY)
    assert store.read() == (KEY, KeyPlace.FILE)
    use(FileKeyring)
    assert set(store.forget().places) == {KeyPlace.FILE, KeyPlace.KEYRING}
    assert OTHER not in in_keyring(tmp_path)


def test_a_link_is_replaced_and_never_followed(
    store: KeyStore, use: Callable[[object], None], tmp_path: Path
) -> None:
    use(fail.Keyring)
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps({"place": "file", "key": OTHER}))
    theirs.chmod(0o644)
    store.path.parent.mkdir()
    store.path.symlink_to(theirs)
    assert store.read() == ("", KeyPlace.FILE)
    store.keep(KEY)
    assert KEY not in theirs.read_text()
    assert not store.path.is_symlink()
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(
    store: KeyStore, use: Callable[[object], None]
) -> None:
    use(fail.Keyring)
    store.keep(KEY)
    store.path.chmod(0o644)
    assert store.read() == (KEY, KeyPlace.FILE)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff{", b"[1]", b'{"place": "file", "key": 7}'])
def test_a_file_that_is_none_of_ours(store: KeyStore, content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.read() == ("", KeyPlace.FILE)


@pytest.mark.parametrize("kind", [FileKeyring, fail.Keyring])
def test_a_folder_that_takes_no_file(
    kind: object, tmp_path: Path, use: Callable[[object], None]
) -> None:
    use(kind)
    (tmp_path / "state").write_text("a file stands there")
    store = KeyStore(tmp_path / "state" / "key.json")
    kept = store.keep(KEY)
    assert (kept.place, bool(kept.reason)) == (KeyPlace.MEMORY, True)
    # Nothing would lead to it there.
    assert KEY not in in_keyring(tmp_path)
