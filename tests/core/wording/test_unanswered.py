"""What is read when nobody replies: both facts, and what to do."""

import pytest

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    Initializing,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAvailable,
    Offline,
    TooLittleMemory,
)
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import Progressed
from shammah_tui.core.wording.claude import variable_trouble
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.troubles import claude_trouble
from shammah_tui.core.wording.unanswered import (
    empty_question,
    nobody_answers,
    pinned_side_fails,
    starter_note,
)

QWEN = ModelSpec("q", "Qwen3.5 4B", repo="a/b")
NO_KEY = BackendError(BackendProblem.NO_KEY, "There is no key.")
KEYS = StatusKeys(cancel="^x", retry="^r", models="^m")

LOCAL: list[tuple[BackendError | GeneratorState, str, str]] = [
    (Initializing(), "yet: the local model is not ready", "Wait for the model"),
    (Downloading(QWEN), "yet: the model is still downloading", "Wait for the model"),
    (
        Downloading(QWEN, Progressed(45, 100)),
        "yet: the model is still downloading (45 %)",
        "Wait for the model",
    ),
    (Loading(QWEN, 0.5), "yet: the model is loading", "Wait for the model"),
    (
        Failed(QWEN, "The disk\x1b[31m is full.", True),
        ": the local model failed (The disk is full)",
        "Press ^r to retry",
    ),
    (
        Failed(QWEN, "It is damaged", False),
        ": the local model failed (It is damaged)",
        "Press ^m to choose another model",
    ),
    (
        NotAvailable(Offline()),
        ": no local model is on this machine",
        "Go online to download one",
    ),
    (
        NotAvailable(DownloadCancelled(QWEN, 1, 2)),
        ": the download is cancelled",
        "Press ^r to resume it",
    ),
    (
        NotAvailable(LoadCancelled(QWEN)),
        ": loading the model is cancelled",
        "Press ^r to load it",
    ),
    (
        NotAvailable(TooLittleMemory(2_000_000_000, 1_000_000_000)),
        ": there is too little memory for a local model (2.0 GB needed, 1.0 GB free)",
        "Close other programs",
    ),
    (
        NotAvailable(NoEngine()),
        ": llama.cpp is not installed",
        "Install llama-cpp-python and start again",
    ),
    (
        BackendError(BackendProblem.ENGINE_GONE, "x"),
        ": the local model stopped",
        "Send it again when it has reloaded",
    ),
    (
        BackendError(BackendProblem.CONTEXT_TOO_LONG, "x"),
        ": the conversation is too long for the local model",
        "Start a new one",
    ),
    (
        BackendError(BackendProblem.SERVER_ERROR, "It has no template."),
        ": the local model failed (It has no template)",
        "Send it again",
    ),
]


@pytest.mark.parametrize(("local", "fact", "advice"), LOCAL)
def test_without_a_key(local: BackendError | GeneratorState, fact: str, advice: str) -> None:
    assert nobody_answers(local, NO_KEY, KEYS) == (
        f"No model available {fact} and ANTHROPIC_API_KEY is not set. "
        f"{advice}, or give a key with /key."
    ).replace("available :", "available:")


@pytest.mark.parametrize("problem", list(BackendProblem))
def test_whatever_claude_says_there_is_a_fact_and_an_advice(problem: BackendProblem) -> None:
    error = BackendError(problem, "Your credit\x1b[0m is used up.")
    sentence = nobody_answers(Loading(QWEN), error, KEYS)
    lead, _, rest = sentence.partition("the model is loading and ")
    assert lead == "No model available yet: "
    fact, _, advice = rest.partition(". Wait for the model, or ")
    assert fact
    assert advice.endswith(".")
    assert sentence.isprintable()
    if problem is BackendProblem.REFUSED:
        assert "Your credit is used up" in fact


def test_pinned_to_the_local_model() -> None:
    assert pinned_side_fails(Side.LOCAL, Downloading(QWEN, Progressed(45, 100)), KEYS) == (
        "The local model cannot answer: the model is still downloading (45 %). Nothing was sent "
        "to Claude. Wait for the model, or remove @local to ask Claude."
    )


def test_pinned_to_claude() -> None:
    assert pinned_side_fails(Side.CLAUDE, NO_KEY, KEYS) == (
        "Claude cannot answer: ANTHROPIC_API_KEY is not set. Give a key with /key, or ask "
        "the local model."
    )


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        (None, "Write a question first."),
        (Side.LOCAL, "Write a question after @local."),
        (Side.CLAUDE, "Write a question after @claude."),
    ],
)
def test_without_a_question(pin: Side | None, sentence: str) -> None:
    assert empty_question(pin) == sentence


@pytest.mark.parametrize(
    ("claude", "fact", "advice"),
    [
        (
            claude_trouble(
                BackendProblem.BAD_KEY,
                "Claude's API does not allow this with your key (No access to x)",
                "correct that, or take another key",
            ),
            "Claude's API does not allow this with your key (No access to x)",
            "correct that, or take another key",
        ),
        (
            claude_trouble(BackendProblem.RATE_LIMITED, advice="send it again in 37 s"),
            "Claude's rate limit is reached",
            "send it again in 37 s",
        ),
        (
            claude_trouble(
                BackendProblem.SERVER_ERROR,
                "what answered is not Claude's API",
                "check ANTHROPIC_BASE_URL, or sign in to the network",
            ),
            "what answered is not Claude's API",
            "check ANTHROPIC_BASE_URL, or sign in to the network",
        ),
        (
            variable_trouble(VariableError("all_proxy", "all_proxy is no proxy", "correct it")),
            "all_proxy is no proxy",
            "correct it, then start again",
        ),
    ],
)
def test_what_is_known_of_claudes_trouble_is_said_on_the_screen_as_in_ask(
    claude: BackendError, fact: str, advice: str
) -> None:
    assert nobody_answers(Loading(QWEN), claude, KEYS) == (
        f"No model available yet: the model is loading and {fact}. Wait for the model, or {advice}."
    )
    assert str(claude).lower() == f"{fact}: {advice}".lower()


@pytest.mark.parametrize(
    ("state", "claude_available", "then"),
    [
        (Initializing(), False, ": a better one takes over when ready."),
        (Downloading(QWEN), False, ": Qwen3.5 4B takes over when ready."),
        (Loading(QWEN), True, ": Qwen3.5 4B takes over when ready."),
        (NotAvailable(Offline()), False, ". For a better one: ^m or /key."),
        (Failed(QWEN, "no", retryable=True), True, ". For a better one: ^m."),
    ],
)
def test_the_starters_line_says_what_replaces_it(
    state: GeneratorState, claude_available: bool, then: str
) -> None:
    note = starter_note(state, KEYS, claude_available=claude_available)
    assert note == f"A very small model, often wrong{then}"


def test_the_starters_line_is_one_in_a_small_window() -> None:
    long = Downloading(ModelSpec("q", "Qwen3 30B-A3B Instruct 2507 of some name", repo="a/b"))
    assert len(starter_note(long, KEYS, claude_available=False)) <= 76
