import pytest

from shammah_tui.core.text.secrets import (
    HIDDEN,
    is_key,
    secrets_of,
    slip_in,
    tidied,
    without_keys,
    without_secrets,
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("invalid key sk-ant-api03-abcDEF_123-xyz.", f"invalid key {HIDDEN}."),
        ("token (hf_AbCdEfGhIjKl) is wrong", f"token ({HIDDEN}) is wrong"),
        (
            "sent Authorization: Bearer abc.def-123, refused",
            "sent Authorization: Bearer [hidden], refused",
        ),
        ("proxy http://me:pass@host:80", f"proxy http://{HIDDEN}@host:80"),
        ("a task-based risk-free desk-top", "a task-based risk-free desk-top"),
        ("sk-1 and hf_x are names", "sk-1 and hf_x are names"),
    ],
)
def test_secrets_are_known_by_their_shape(text: str, left: str) -> None:
    assert without_secrets(text) == left


def test_those_that_are_known_are_hidden_whatever_their_shape() -> None:
    secrets = ("opensesame-longer", "opensesame", "auto", "")
    said = without_secrets("opensesame-longer, opensesame, auto", secrets)
    assert said == f"{HIDDEN}, {HIDDEN}, auto"


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (" sk-a\r\n", "sk-a"),
        ("\ufeff'sk-a' ", "sk-a"),
        ("“sk-a”", "sk-a"),
        ("sk-a b", "sk-a b"),
    ],
)
def test_what_copying_left_around_a_key_is_taken_away(value: str, left: str) -> None:
    assert tidied(value) == left


@pytest.mark.parametrize(
    ("secret", "slip"),
    [
        ("sk-ant-1_2.3=", ""),
        ("a\nb", "a line end in it"),
        ("a\u2028b", "a line end in it"),
        ("a b", "a blank in it"),
        ("a\u00a0b", "a blank in it"),
        ('a"b', "a quote in it"),
        ("sk-ключ", "letters that no key has"),
        ("sk-\x00", "letters that no key has"),
    ],
)
def test_what_no_key_has_is_named(secret: str, slip: str) -> None:
    assert slip_in(secret) == slip


def test_the_secrets_of_an_environment() -> None:
    environment = {
        "ANTHROPIC_API_KEY": '"sk-quoted-key"',
        "MY_PASSWORD": "opensesame",
        "all_proxy": "bob:hunter%40two@proxy.example:1",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "HOME": "/home/bob",
    }
    found = secrets_of(environment)
    assert {"sk-quoted-key", "opensesame", "hunter@two", "bob:hunter%40two"} <= set(found)
    assert not {"/home/bob", "http://proxy.example:3128", "proxy.example:3128"} & set(found)
    text = "URL('socks5://bob:pw@host:1') and http://a:p@ss@host/x?mail=me@there"
    assert without_secrets(text, found) == (
        f"URL('socks5://{HIDDEN}@host:1') and http://{HIDDEN}@host/x?mail=me@there"
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a question", "a question"),
        ("/key", "/key"),
        ("/key sk-anything", ""),
        ("/KEY  gateway key", ""),
        ("before\n /key x\nafter", "before\n\nafter"),
        ("this one: sk-ant-api03-0123456789 is it good?", "this one: [hidden] is it good?"),
        ("//key is text", "//key is text"),
        ("sk-ant", "sk-ant"),
    ],
)
def test_a_draft_is_kept_without_keys(text: str, kept: str) -> None:
    assert without_keys(text) == kept


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("sk-ant-api03-0123456789", True),
        (' "sk-ant-api03-0123456789"\n', True),
        ("sk-ant-api03-0123456789 is mine", False),
        ("What is sk-ant-api03-0123456789?", False),
        ("sk-ant-", False),
    ],
)
def test_a_message_that_is_nothing_but_a_key(text: str, is_one: bool) -> None:
    assert is_key(text) is is_one
