import pytest

from shammah_tui.core.secrets import HIDDEN, without_secrets


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
