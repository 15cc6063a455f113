import pytest

from shammah_tui.core.paste_tokens import FOLD_CHARACTERS, FOLD_LINES, PasteTokens

LONG = "\n".join(f"line {n}" for n in range(FOLD_LINES + 1))


@pytest.mark.parametrize("text", ["", "word", "\n" * (FOLD_LINES - 1), "x" * FOLD_CHARACTERS])
def test_small_pastes_stay_as_they_are(text: str) -> None:
    assert PasteTokens().fold(text) == text


def test_large_pastes_become_tokens_that_expand() -> None:
    tokens = PasteTokens()
    first, second = tokens.fold(LONG), tokens.fold("y" * 5_000)
    assert first == "[pasted 1: 11 lines]"
    assert second == "[pasted 2: 5,000 characters]"
    assert tokens.expand(f"a {first} b {second}") == f"a {LONG} b {'y' * 5_000}"


def test_what_is_in_a_paste_is_not_expanded_again() -> None:
    tokens = PasteTokens()
    tokens.fold(LONG)
    nested = f"[pasted 1: 11 lines]\n{LONG}"
    assert tokens.expand(tokens.fold(nested)) == nested


def test_a_changed_or_foreign_token_is_text() -> None:
    tokens = PasteTokens()
    tokens.fold(LONG)
    assert tokens.expand("[pasted 1: 11 line]") == "[pasted 1: 11 line]"
    assert tokens.expand("[pasted 7: 11 lines]") == "[pasted 7: 11 lines]"


def test_it_is_taken_away_as_one() -> None:
    tokens = PasteTokens()
    line = f"see {tokens.fold(LONG)} there"
    end = line.index("]") + 1
    assert tokens.token_before(line, end) == len("[pasted 1: 11 lines]")
    assert tokens.token_before(line, end - 1) == 0
    assert tokens.token_before("[pasted 9: 11 lines]", 20) == 0
