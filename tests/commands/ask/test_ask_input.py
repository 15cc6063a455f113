"""What ``shammah ask`` takes from standard input: only what is there, and only text."""

import gzip
import os
import shlex
import socket
import subprocess
import sys
import time

import pytest

from shammah_tui.commands.ask.piped_bytes import NotTextError, text_of
from tests.commands.ask_runs import AskRuns
from tests.commands.command_runs import Said

ASK = f"{shlex.quote(sys.executable)} -m shammah_tui ask"


def in_shell(asks: AskRuns, script: str, shell: str = "bash") -> Said:
    done = subprocess.run(
        [shell, "-c", script.replace("ASK", ASK)],
        env=asks.environment,
        cwd=asks.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def questions(asks: AskRuns) -> list[str]:
    return [turns[-1][1] for turns in asks.asked()]


def test_a_pipe_that_stays_open_does_not_hold_a_question_up(asks: AskRuns) -> None:
    began = time.monotonic()
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "shammah_tui", "ask", "2+2?"],
        env=asks.environment,
        stdin=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        _, errors = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert questions(asks) == ["2+2?"]
    assert b"No input yet" in errors
    assert time.monotonic() - began < 20


def test_a_socket_that_says_nothing_does_not_either(asks: AskRuns) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(
            [sys.executable, "-m", "shammah_tui", "ask", "2+2?"],
            env=asks.environment,
            stdin=ours.fileno(),
            capture_output=True,
            timeout=30,
        )
    assert done.returncode == 0
    assert questions(asks) == ["2+2?"]


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        ("echo diff | ASK Review", "Review\n\ndiff"),
        ("(echo a; sleep 1.5; echo b) | ASK Review", "Review\n\na\nb"),
        ("(sleep 1.5; echo late) | ASK Review -", "Review\n\nlate"),
        ("(sleep 1.5; echo late) | ASK -", "late"),
        ("echo text >file; ASK Review <file", "Review\n\ntext"),
        ("ASK Review <&-", "Review"),
        ("echo 'ASK Review' >run.sh; echo diff | bash run.sh", "Review\n\ndiff"),
        ("ASK 5 - 3", "5 - 3"),
    ],
)
def test_what_is_there_is_read(asks: AskRuns, script: str, asked: str) -> None:
    said = in_shell(asks, script)
    assert said.status == 0, said
    assert questions(asks) == [asked]


@pytest.mark.parametrize(
    ("shell", "loop"),
    [
        ("bash", 'while read q; do ASK "$q"; done <two.txt'),
        ("sh", 'exec <two.txt; while read q; do ASK "$q"; done'),
        ("bash", 'cat two.txt | while read q; do ASK "$q"; done'),
        ("sh", 'cat two.txt | while read q; do ASK "$q"; done'),
    ],
)
def test_a_loop_asks_each_line(asks: AskRuns, shell: str, loop: str) -> None:
    said = in_shell(asks, f"printf 'one?\\ntwo?\\n' >two.txt; {loop}", shell)
    assert said.status == 0, said
    assert questions(asks) == ["one?", "two?"]


def test_who_waits_for_standard_input_is_told(asks: AskRuns) -> None:
    said = in_shell(asks, "(sleep 1.5; echo late) | ASK -")
    assert "Reading from standard input" in said.errors
    assert "Reading" not in in_shell(asks, "(sleep 1.5; echo late) | ASK -q -").errors


TEXTS = [
    "Grüße aus Köln,\nein café",
    "Привет, как дела?\nОбъясни",
    "これは日本語です。\n説明してください。",
    "plain text",
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_of_any_kind_is_read(text: str, encoding: str) -> None:
    assert text_of(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "El niño comió “ñandú”"),
        ("latin-1", "naïve résumé"),
        ("cp1251", "Привет, как дела?"),
        ("shift_jis", "これは日本語です。"),
        ("gb18030", "请解释这段文字。" * 5),
        ("cp1250", "Zażółć gęślą jaźń"),
    ],
)
def test_older_encodings_are_told_by_their_letters(encoding: str, text: str) -> None:
    assert text_of(text.encode(encoding)) == text


def test_a_stray_byte_spoils_nothing_around_it() -> None:
    log = "Größe: 3 €\n" * 5
    assert text_of(log.encode() + b"caf\xe9\n") == f"{log}café\n"


@pytest.mark.parametrize("cut", [1, 2])
def test_a_text_that_was_cut_in_a_letter_is_read_up_to_it(cut: int) -> None:
    assert text_of("Gruß €".encode()[:-cut]) == "Gruß "
    assert text_of("Gruß €".encode("utf-16")[:-1]) == "Gruß "


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"text", mtime=0),
        b"\x89PNG\r\n\x1a\n\0\0",
        b"%PDF-1.7\n%\xe2\xe3",
        b"a\0b\0\0c",
        b"one\0two\0",
        bytes(range(256)),
        b"\0" * 99,
        b"\xff\xfe\xd8\x00\xd8\x00\x00\x00",
    ],
)
def test_what_is_no_text_is_refused_and_kept_out_of_later_turns(asks: AskRuns, data: bytes) -> None:
    with pytest.raises(NotTextError):
        text_of(data)
    said = asks.run("ask", "what is this?", piped=data)
    assert (said.status, said.output) == (2, "")
    assert said.errors.startswith("shammah: The piped input ")
    assert asks.asked() == []
    assert asks.run("ask", "-c", "And now?").status == 0
    assert asks.asked() == [[("user", "And now?")]]


@pytest.mark.parametrize(
    ("argument", "asked"),
    [("Grüße, café".encode(), "Grüße, café"), (b"caf\xe9", "café"), ("日本".encode(), "日本")],
)
def test_arguments_are_read_whatever_the_locale_says(
    asks: AskRuns, argument: bytes, asked: str
) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"shammah_tui", b"ask", argument],
        env={
            **asks.environment,
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert questions(asks) == [asked]


def test_the_first_line_of_what_is_asked_stays_indented(asks: AskRuns) -> None:
    said = in_shell(asks, "printf '\\n    def f():\\n        pass\\n\\n' | ASK")
    assert said.status == 0
    assert questions(asks) == ["    def f():\n        pass"]


def test_what_nobody_can_see_is_no_question(asks: AskRuns) -> None:
    assert in_shell(asks, "ASK $'\\u200b' </dev/null").status != 0
    assert in_shell(asks, "printf '\\ufeff\\u3164\\n' | ASK").status != 0
    assert questions(asks) == []
