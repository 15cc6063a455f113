import pytest

from shammah_tui.ui.composer.slash import (
    SlashCommand,
    UnknownCommand,
    read_slash,
    typed_argument,
    typed_name,
)

NAMES = ("model", "local", "claude", "quit")


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/model", "model", ""),
        ("/MODEL", "model", ""),
        ("/local who am I?", "local", "who am I?"),
        ("/local\nwho\nam I?", "local", "who\nam I?"),
        ("/claude   x", "claude", "x"),
    ],
)
def test_commands(text: str, name: str, argument: str) -> None:
    assert read_slash(text, NAMES) == SlashCommand(name, argument)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("hello", "hello"),
        ("//model", "/model"),
        ("//etc is what?", "/etc is what?"),
        ("// a comment", "// a comment"),
        ("///", "///"),
        ("/etc/hosts is what?", "/etc/hosts is what?"),
        ("/* a comment */", "/* a comment */"),
        ("/^a+$/ matches what?", "/^a+$/ matches what?"),
        ("what is /etc", "what is /etc"),
    ],
)
def test_text(text: str, sent: str) -> None:
    assert read_slash(text, NAMES) == sent


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/modle", "There is no command /modle; did you mean /model?"),
        ("/lcoal a secret", "There is no command /lcoal; did you mean /local?"),
        ("/local: a secret", "There is no command /local:; did you mean /local?"),
        ("/local/secret", "There is no command /local/secret; did you mean /local?"),
        ("/zzz", "There is no command /zzz. To send it as text, begin with //"),
        ("/modle x", "did you mean /model? To send it as text, begin with //"),
        ("/", "/help lists them"),
    ],
)
def test_what_may_be_meant_as_a_command_is_never_sent(text: str, said: str) -> None:
    read = read_slash(text, NAMES)
    assert isinstance(read, UnknownCommand)
    assert said in read.hint


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/", ""),
        ("/Mo", "mo"),
        ("", None),
        ("x/", None),
        ("/mo ", None),
        ("//", None),
        ("/a\n", None),
    ],
)
def test_a_name_under_way(text: str, name: str | None) -> None:
    assert typed_name(text) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/theme ", SlashCommand("theme", "")),
        ("/THEME sh", SlashCommand("theme", "sh")),
        ("/theme", None),
        ("/theme two words", None),
        ("/theme one ", None),
        ("/theme\nx", None),
        ("/other x", None),
        ("theme x", None),
        ("//theme x", None),
    ],
)
def test_what_follows_a_name_is_known_while_it_is_one_word(
    text: str, expected: SlashCommand | None
) -> None:
    assert typed_argument(text, {"theme"}) == expected
