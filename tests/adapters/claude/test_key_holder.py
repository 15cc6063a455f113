"""A key that comes and goes while the program runs, with the real SDK against loopback."""

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest

from shammah_tui.adapters.claude import key_holder
from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.claude.key_holder import Credential, KeyHolder
from shammah_tui.adapters.claude.key_store import KeyStore
from shammah_tui.adapters.files.log_files import start_logging
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import TextDelta
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.settings.key_places import KeyPlace, KeyringTrouble
from shammah_tui.ports import ReplyOptions
from tests.keyrings import (
    FILE_VARIABLE,
    FileKeyring,
    HangingKeyring,
    LockedKeyring,
    SlowKeyring,
    named,
)
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.loopback.messages_faults import Fault, Page, StatusFault

GOOD = "sk-ant-api03-the-good-one-0123456789"
OTHER = "sk-ant-api03-the-other-one-0123456789"


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=GOOD) as api:
        yield api


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyStore:
    use(FileKeyring, monkeypatch)
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keyring"))
    return KeyStore(tmp_path / "key.json", patience_s=2)


def use(kind: type[FileKeyring], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", named(kind))


async def ask(claude: Claude) -> str:
    events = claude.reply((Message(Role.USER, "Hello?"),), ReplyOptions())
    return "".join([event.text async for event in events if isinstance(event, TextDelta)])


async def test_it_takes_effect_with_the_next_request(
    api: LoopbackMessagesAPI, store: KeyStore
) -> None:
    keys = KeyHolder({}, store)
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, keys)
    changes: list[bool] = []
    keys.follow(lambda: changes.append(keys.has_key))
    missing = claude.side()
    assert isinstance(missing, BackendError)
    assert (missing.problem, "/key" in str(missing)) == (BackendProblem.NO_KEY, True)

    kept = await keys.keep(GOOD)
    assert kept.place is KeyPlace.KEYRING
    assert claude.side() is claude
    assert await ask(claude) == "Hello."
    api.key = OTHER
    with pytest.raises(BackendError, match="give another key with /key"):
        await ask(claude)
    await keys.keep(OTHER)
    assert await ask(claude) == "Hello."
    assert [call.key for call in api.calls] == [GOOD, GOOD, OTHER]

    await keys.forget()
    assert changes == [True, True, False]
    with pytest.raises(BackendError) as failed:
        await ask(claude)
    assert failed.value.problem is BackendProblem.NO_KEY
    assert len(api.calls) == 3
    await claude.aclose()


async def test_a_reply_under_way_goes_on_when_the_key_is_forgotten(
    api: LoopbackMessagesAPI, store: KeyStore
) -> None:
    keys = KeyHolder({}, store)
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, keys)
    await keys.keep(GOOD)
    api.reply_with("One two three")
    api.hold(after_deltas=1)
    under_way = asyncio.create_task(ask(claude))
    await asyncio.to_thread(api.wait_for_calls, 1)
    await keys.forget()
    await keys.keep(OTHER)
    api.key = OTHER
    api.release()
    assert await under_way == "One two three"
    assert await ask(claude) == "One two three"
    await claude.aclose()


async def test_the_environment_comes_first(api: LoopbackMessagesAPI, store: KeyStore) -> None:
    store.keep(OTHER)
    environment = {"ANTHROPIC_API_KEY": GOOD, "ANTHROPIC_BASE_URL": api.url}
    keys = KeyHolder(environment, store)
    keys.begin_reading()
    claude = Claude("m", 10, environment, keys)
    assert keys.variable == "ANTHROPIC_API_KEY"
    assert await ask(claude) == "Hello."
    await keys.keep(OTHER)
    assert await ask(claude) == "Hello."
    await keys.forget()
    assert await ask(claude) == "Hello."
    await claude.aclose()


async def test_a_question_waits_for_a_keyring_that_is_slow(
    api: LoopbackMessagesAPI, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(GOOD)
    use(SlowKeyring, monkeypatch)
    keys = KeyHolder({}, store)
    keys.begin_reading()
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, keys)
    assert claude.side() is claude
    assert keys.credential.secret == ""
    assert await ask(claude) == "Hello."
    await claude.aclose()


async def test_what_a_keyring_says_late_still_counts(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(GOOD)
    use(SlowKeyring, monkeypatch)
    monkeypatch.setattr(key_holder, "START_PATIENCE_S", 0.05)
    keys = KeyHolder({}, store)
    came = asyncio.Event()
    loop = asyncio.get_running_loop()
    keys.begin_reading()
    await keys.settled()
    assert not keys.has_key
    assert "does not answer" in str(keys.missing())
    keys.follow(lambda: loop.call_soon_threadsafe(came.set))
    await asyncio.wait_for(came.wait(), 10)
    assert keys.credential == Credential(GOOD, place=KeyPlace.KEYRING)
    assert keys.trouble is None


async def test_a_key_that_is_given_meanwhile_is_not_undone_by_the_keyring(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(OTHER)
    use(SlowKeyring, monkeypatch)
    keys = KeyHolder({}, store)
    keys.begin_reading()
    await keys.keep(GOOD)
    await asyncio.sleep(0.8)
    assert keys.credential.secret == GOOD


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [(LockedKeyring, KeyringTrouble.LOCKED), (HangingKeyring, KeyringTrouble.SILENT)],
)
async def test_a_keyring_that_gives_nothing_is_named_and_holds_nobody_up(
    kind: type[FileKeyring],
    trouble: KeyringTrouble,
    store: KeyStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.keep(GOOD)
    use(kind, monkeypatch)
    monkeypatch.setattr(key_holder, "START_PATIENCE_S", 0.3)
    keys = KeyHolder({}, store)
    began = time.monotonic()
    keys.begin_reading()
    assert time.monotonic() - began < 0.2
    await keys.settled()
    assert (keys.has_key, keys.trouble) == (False, trouble)
    assert "unlock it" in str(keys.missing())


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (None, None),
        (StatusFault(401, "authentication_error", f"no such key: {GOOD}"), BackendProblem.BAD_KEY),
        (StatusFault(429, "rate_limit_error", "slow down"), BackendProblem.RATE_LIMITED),
        (StatusFault(529, "overloaded_error", "busy"), BackendProblem.OVERLOADED),
        (Page(), BackendProblem.SERVER_ERROR),
    ],
)
async def test_a_key_is_checked_with_one_request_that_costs_nothing(
    fault: Fault | None, problem: BackendProblem | None, api: LoopbackMessagesAPI
) -> None:
    if fault is not None:
        api.fail_with(fault)
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, KeyHolder({}))
    error = await claude.check(GOOD)
    assert (None if error is None else error.problem) == problem
    assert error is None or GOOD not in str(error)
    (call,) = api.calls
    assert (call.path.partition("?")[0], call.key) == ("/v1/models", GOOD)
    # Nothing was kept by that.
    assert isinstance(claude.side(), BackendError)


async def test_a_key_cannot_be_checked_without_a_network() -> None:
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, KeyHolder({}))
    error = await claude.check(GOOD)
    assert error is not None
    assert error.problem is BackendProblem.UNREACHABLE


async def test_no_log_has_it(tmp_path: Path, store: KeyStore, api: LoopbackMessagesAPI) -> None:
    key = "gateway-key-of-no-known-shape-77"
    path = start_logging(tmp_path / "log", {})
    handler = logging.getLogger().handlers[-1]
    try:
        keys = KeyHolder({}, store)
        claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, keys)
        await claude.check(OTHER)
        await keys.keep(key)
        again = KeyHolder({}, store)
        again.begin_reading()
        again.wait()
        logging.getLogger("shammah_tui").error("It is %s, not %s: %r", key, OTHER, keys.credential)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert path is not None
    said = path.read_text()
    assert "It is [hidden], not [hidden]: Credential(" in said
    assert key not in said
    assert key not in repr(keys.credential)
