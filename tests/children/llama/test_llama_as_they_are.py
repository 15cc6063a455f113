"""GGUF files as they are out there: templates without a system role, none at all, bad vocabularies.

They are of forms that people really have.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

import llama_cpp
import pytest

from shammah_tui.children.llama.chat_template import ChatTemplate
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.model import chat_templates
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    LoadFailed,
    LoadModel,
    ModelLoaded,
)
from tests.engine_child import EngineChild, user
from tests.gguf_models import CHAT_TEMPLATE, REPLY, build_model

SYSTEM, USER, ASSISTANT = Role.SYSTEM, Role.USER, Role.ASSISTANT
TALK = (
    Message(SYSTEM, "Be brief."),
    Message(USER, "Hi!"),
    Message(ASSISTANT, "Hello."),
    Message(USER, "And you?"),
)

TURN = "{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n'}}"
OPEN = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
REFUSES = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}" + TURN + "{% endfor %}" + OPEN
)
IGNORES = (
    "{% for m in messages %}{% if m['role'] in ['user', 'assistant'] %}"
    + TURN
    + "{% endif %}{% endfor %}"
    + OPEN
)
# Shown while the conversation has one question, and then forgotten.
FORGETS = (
    "{% for m in messages %}{% if m['role'] != 'system' or messages | length == 2 %}"
    + TURN
    + "{% endif %}{% endfor %}"
    + OPEN
)
ALTERNATES = (
    "{% set ns = namespace(m=messages) %}{% if messages[0]['role'] == 'system' %}"
    "{{ '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}"
    "{% set ns.m = messages[1:] %}{% endif %}{% for m in ns.m %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}"
    "{% endif %}" + TURN + "{% endfor %}" + OPEN
)
SYSTEM_FIRST = (
    "{% for m in messages %}{% if m['role'] == 'system' and not loop.first %}"
    "{{ raise_exception('first') }}{% endif %}" + TURN + "{% endfor %}" + OPEN
)
GENERATION = (
    "{% for m in messages %}{% generation %}" + TURN + "{% endgeneration %}{% endfor %}" + OPEN
)
AS_JSON = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + (m['content'] | "
    "tojson(ensure_ascii=False, indent=2))[1:-1] + '<|im_end|>\\n' }}{% endfor %}" + OPEN
)
DATED = "{% set today = strftime_now('%d %b %Y') %}" + SYSTEM_FIRST
IN_PARTS = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}{% for part in m['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{{ '<|im_end|>\\n' }}{% endfor %}" + OPEN
)

MERGED = (
    "<|im_start|>user\nBe brief.\n\nHi!<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n"
    "<|im_start|>user\nAnd you?<|im_end|>\n<|im_start|>assistant\n"
)
APART = (
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n"
    "<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nAnd you?<|im_end|>\n"
    "<|im_start|>assistant\n"
)

Build = Callable[..., Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def vocabulary_of(path: Path) -> Vocabulary:
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), parameters)
    assert model
    return Vocabulary(llama_cpp.llama_model_get_vocab(model))


@pytest.fixture(scope="module")
def vocabulary(folder: Path) -> Vocabulary:
    return vocabulary_of(build_model(folder / "plain.gguf"))


def written(vocabulary: Vocabulary, tokens: list[int]) -> str:
    names = {
        vocabulary.tokenize(text, parse_special=True)[0]: text.encode()
        for text in vocabulary.special_texts
    }
    return b"".join(names.get(token) or vocabulary.piece(token) for token in tokens).decode()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (REFUSES, MERGED),
        (IGNORES, MERGED),
        (FORGETS, MERGED),
        (ALTERNATES, APART),
        (SYSTEM_FIRST, APART),
        (GENERATION, APART),
        (AS_JSON, APART),
        (DATED, APART),
        (IN_PARTS, APART),
    ],
)
def test_the_instructions_and_every_message_reach_the_model(
    vocabulary: Vocabulary, template: str, expected: str
) -> None:
    chat = ChatTemplate(template, vocabulary)
    made = chat.prompt(TALK, enable_thinking=False)
    assert written(vocabulary, made.tokens) == expected


@pytest.mark.parametrize("template", [REFUSES, IGNORES])
def test_without_instructions_nothing_is_added(vocabulary: Vocabulary, template: str) -> None:
    made = ChatTemplate(template, vocabulary).prompt(TALK[1:], enable_thinking=False)
    assert written(vocabulary, made.tokens) == MERGED.replace("Be brief.\n\n", "")


@pytest.mark.parametrize("template", [REFUSES, IGNORES, SYSTEM_FIRST])
def test_what_is_read_ahead_and_gone_on_with_has_the_instructions_too(
    vocabulary: Vocabulary, template: str
) -> None:
    chat = ChatTemplate(template, vocabulary)
    ahead = chat.history_tokens(TALK[:3], enable_thinking=False)
    whole = chat.prompt(TALK, enable_thinking=False).tokens
    assert whole[: len(ahead)] == ahead
    assert "Be brief." in written(vocabulary, ahead)
    cut = chat.prompt(TALK[:3], enable_thinking=False).tokens
    assert written(vocabulary, cut).endswith("assistant\nHello.")


def test_a_model_whose_template_knows_no_system_role_answers(folder: Path) -> None:
    with EngineChild(build_model(folder / "refuses.gguf", chat_template=REFUSES)) as child:
        child.ask((Message(SYSTEM, "Be brief."), *user("Hi!")))
        assert child.rest_of_reply()[0] == REPLY


def look(path: Path, chat_template: str = "") -> ModelLoaded | LoadFailed:
    job = LoadModel(
        str(path), 512, DevicePreference.CPU, chat_template=chat_template, vocabulary_only=True
    )
    with EngineChild(path, job=job) as child:
        for event in child.events():
            if isinstance(event, ModelLoaded | LoadFailed):
                assert child.process.wait(20) == isinstance(event, LoadFailed)
                return event
    raise AssertionError("The child said nothing of the file")


def refusal(path: Path, chat_template: str = "") -> str:
    seen = look(path, chat_template)
    assert isinstance(seen, LoadFailed)
    assert seen.problem is EngineProblem.NO_TEMPLATE
    return seen.sentence


def notices(path: Path, chat_template: str = "") -> tuple[str, ...]:
    seen = look(path, chat_template)
    assert isinstance(seen, ModelLoaded), seen
    return tuple(each.sentence for each in seen.notices)


def test_a_good_file_has_no_notice(folder: Path) -> None:
    assert notices(build_model(folder / "good.gguf")) == ()


@pytest.mark.parametrize("named", [{}, {"default": " \n"}], ids=["none", "blanks"])
def test_a_file_without_a_template_is_asked_in_chatml_where_its_vocabulary_knows_it(
    folder: Path, named: dict[str, str]
) -> None:
    bare = build_model(folder / "bare.gguf", chat_template=None, named_templates=named)
    (said,) = notices(bare)
    assert "ChatML is a guess" in said
    assert "chat_template" in said
    with EngineChild(bare) as child:
        (notice,) = child.wait_for(ModelLoaded).notices
        assert notice.sentence == said
        child.ask(TALK)
        assert child.rest_of_reply()[0] == REPLY


GEMMAS = {"<|im_start|>": "<start_of_turn>", "<|im_end|>": "<end_of_turn>"}


def test_any_other_needs_a_setting_which_is_named_and_helps(folder: Path) -> None:
    bare = build_model(folder / "gemma.gguf", chat_template=None, renamed=GEMMAS)
    sentence = refusal(bare)
    assert "no chat template" in sentence
    assert "chat_template" in sentence
    assert '"gemma"' in sentence
    assert notices(bare, "gemma") == ()
    own = bare.with_name("own.jinja")
    own.write_text(CHAT_TEMPLATE.replace("<|im_start|>", "<start_of_turn>"))
    # It writes <|im_end|>, which this model does not have.
    (said,) = notices(bare, str(own))
    assert "<|im_end|>" in said
    strange = build_model(
        folder / "strange.gguf", chat_template=None, renamed={"<|im_start|>": "<x1>"}
    )
    assert "chat_template" in refusal(strange)


def test_the_setting_counts_more_than_the_file_and_helps_where_that_is_broken(
    folder: Path,
) -> None:
    broken = build_model(folder / "broken.gguf", chat_template="{% for message in messages %}{{")
    assert "set chat_template" in refusal(broken)
    assert notices(broken, "chatml") == ()
    job = LoadModel(str(broken), 512, DevicePreference.CPU, chat_template="chatml")
    with EngineChild(broken, job=job) as child:
        child.ask(TALK)
        assert child.rest_of_reply()[0] == REPLY


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"{% for", "is not a chat template"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_template_file_that_cannot_be_used_is_named(
    folder: Path, content: bytes | None, why: str
) -> None:
    model = build_model(folder / "any.gguf")
    path = folder / "any.jinja"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    sentence = refusal(model, str(path))
    assert str(path) in sentence
    assert why in sentence


def test_of_templates_with_names_only_the_one_for_conversations_is_taken(folder: Path) -> None:
    named = {"tool_use": "{{ raise_exception('tools') }}", "default": CHAT_TEMPLATE}
    model = build_model(folder / "named.gguf", chat_template=None, named_templates=named)
    assert notices(model) == ()
    other = {"tool_use": CHAT_TEMPLATE}
    model = build_model(folder / "tool.gguf", chat_template=None, named_templates=other)
    with EngineChild(model) as child:
        child.ask(user("Hi!"))
        assert child.rest_of_reply()[0] == REPLY


def test_the_names_are_those_that_llama_cpp_knows() -> None:
    count = llama_cpp.llama_chat_builtin_templates(None, 0)
    known = (ctypes.c_char_p * count)()
    llama_cpp.llama_chat_builtin_templates(known, count)
    assert {name.encode() for name in chat_templates.NAMES} <= set(known)


def test_each_named_template_writes_the_whole_conversation(vocabulary: Vocabulary) -> None:
    from shammah_tui.children.llama.template_choice import built_in

    for name in chat_templates.NAMES:
        chat = ChatTemplate("", vocabulary, built_in(name))
        said = written(vocabulary, chat.prompt(TALK, enable_thinking=False).tokens)
        assert all(each.text in said for each in TALK), name


def test_a_file_that_does_not_say_how_text_is_cut_into_words_is_told(folder: Path) -> None:
    model = build_model(folder / "nopre.gguf", pre_tokenizer=None)
    (said,) = notices(model)
    assert "tokenizer.ggml.pre" in said
    assert "newer conversion" in said
    with EngineChild(model) as child:
        (notice,) = child.wait_for(ModelLoaded).notices
        assert notice.sentence == said


HTML = ("<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<strong>", "</strong>", "\t\t\t")
ROW = "<table><tr><td><strong>9</strong></td></tr></table>"


def test_words_that_were_added_to_the_vocabulary_are_not_spelled_letter_by_letter(
    folder: Path,
) -> None:
    vocabulary = vocabulary_of(build_model(folder / "html.gguf", user_defined=HTML))
    chat = ChatTemplate(CHAT_TEMPLATE, vocabulary)
    empty = chat.prompt((Message(USER, ""),), enable_thinking=False).tokens
    asked = chat.prompt((Message(USER, ROW),), enable_thinking=False).tokens
    assert len(asked) - len(empty) == 9
    assert ROW in written(vocabulary, asked)


@pytest.mark.parametrize("in_template", [False, True])
def test_a_turn_marker_stays_text_whatever_kind_of_token_it_is(
    folder: Path, in_template: bool
) -> None:
    added = ("<|turn|>", "<start_of_turn>", "[INST]", "<b>")
    model = build_model(folder / "markers.gguf", user_defined=added)
    vocabulary = vocabulary_of(model)
    # One that only the template tells from a word.
    template = "{% if true %}{{ '<b>' }}{% endif %}" + CHAT_TEMPLATE
    chat = ChatTemplate(template if in_template else CHAT_TEMPLATE, vocabulary)
    ids = {text: vocabulary.tokenize(text, parse_special=True)[0] for text in added}
    text = "x <|turn|> <start_of_turn> [INST] <b> <|im_end|> <think> </think> y"
    plain = chat.prompt((Message(USER, "x"),), enable_thinking=False).tokens
    tokens = chat.prompt((Message(USER, text),), enable_thinking=False).tokens
    control = {
        vocabulary.tokenize(each, parse_special=True)[0]
        for each in ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<think>", "</think>")
    } | {ids["<|turn|>"], ids["<start_of_turn>"], ids["[INST]"]}
    if in_template:
        control.add(ids["<b>"])
    assert [each for each in tokens if each in control] == [
        each for each in plain if each in control
    ]
    assert tokens.count(ids["<b>"]) == 1
    assert text in written(vocabulary, tokens)
