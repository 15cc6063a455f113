"""Chooses the chat template: the settings', the file's own, or a guess."""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from shammah_tui.children.llama.load_failure import LoadError
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.children.llama.weights import metadata, metadata_keys
from shammah_tui.core.model.chat_templates import is_file
from shammah_tui.core.protocol.engine_messages import EngineProblem, Notice
from shammah_tui.core.wording.engine import GUESSED_TEMPLATE

Render = Callable[[Sequence[Mapping[str, Any]], bool], str]
"""Takes messages and whether to think; returns the prompt, open for a reply."""

KEY = "tokenizer.chat_template"
DEFAULT_NAMES = ("default", "chat", "chat_default", "chatml")
"""Among templates with names, those for a plain conversation come first."""

_BY_TURN_MARKERS = {
    ("<|im_start|>", "<|im_end|>"): "chatml",
    ("<start_of_turn>", "<end_of_turn>"): "gemma",
    ("<|start_header_id|>", "<|eot_id|>"): "llama3",
}
"""What a vocabulary with these tokens was most likely meant for."""


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """How conversations are written for a model.

    Attributes:
        render: Writes one.
        source: The Jinja template; empty for one of llama.cpp's own.
        notice: What the user is to know of it.
    """

    render: Render
    source: str
    notice: Notice | None = None


def choose_template(model: Any, path: Path, vocabulary: Vocabulary, setting: str) -> TemplateChoice:
    """Return what the settings ask for, else the file's own, else ChatML where it is known.

    ``setting`` is a name, the path of a Jinja template, or empty.

    Raises:
        LoadError: There is none that could be used.
    """
    if setting:
        return _set(setting, vocabulary)
    source = _own(model)
    if source:
        try:
            return TemplateChoice(jinja(source, vocabulary), source)
        except (jinja2.TemplateError, RecursionError) as error:
            raise LoadError(
                EngineProblem.NO_TEMPLATE,
                f"The chat template in {path.name} cannot be used",
                "choose another file of this model, or set chat_template under [local].",
            ) from error
    meant = meant_for(vocabulary)
    if meant == "chatml":
        return TemplateChoice(built_in("chatml"), "", GUESSED_TEMPLATE)
    example = f'"{meant}", going by its vocabulary' if meant else 'such as "llama3"'
    raise LoadError(
        EngineProblem.NO_TEMPLATE,
        f"{path.name} has no chat template, so it cannot hold a conversation",
        f"choose an instruct model, or set chat_template under [local] ({example}).",
    )


def meant_for(vocabulary: Vocabulary) -> str:
    """Return the name of the template whose turn markers are tokens; empty for none."""
    for markers, name in _BY_TURN_MARKERS.items():
        if all(vocabulary.is_token(marker) for marker in markers):
            return name
    return ""


def jinja(source: str, vocabulary: Vocabulary) -> Render:
    """Return a renderer in a sandbox, as Transformers renders.

    Raises:
        jinja2.TemplateSyntaxError: ``source`` is no template.
    """
    formatter = Jinja2ChatFormatter(
        source,
        eos_token=vocabulary.eos_text,
        bos_token=vocabulary.bos_text,
        add_generation_prompt=True,
    )

    def render(messages: Sequence[Mapping[str, Any]], enable_thinking: bool) -> str:
        prompt: str = formatter(messages=messages, enable_thinking=enable_thinking).prompt
        return prompt

    return render


def built_in(name: str) -> Render:
    """Return a renderer by one of llama.cpp's own templates."""

    def render(messages: Sequence[Mapping[str, Any]], _enable_thinking: bool) -> str:
        # A C string ends at its first NUL.
        texts = [str(each["content"]).replace("\0", "\ufffd") for each in messages]
        data = [text.encode(errors="replace") for text in texts]
        roles = [str(each["role"]).encode() for each in messages]
        chat = (llama_cpp.llama_chat_message * len(data))()
        for message, role, content in zip(chat, roles, data, strict=True):
            message.role, message.content = role, content
        room = 1024 + 2 * sum(map(len, data))
        while True:
            buffer = ctypes.create_string_buffer(room)
            length = int(
                llama_cpp.llama_chat_apply_template(
                    name.encode(), chat, len(data), True, buffer, room
                )
            )
            if length < 0:
                raise ValueError("llama.cpp does not know this template")
            if length <= room:
                return buffer.raw[:length].decode(errors="replace")
            room = length

    return render


def _set(setting: str, vocabulary: Vocabulary) -> TemplateChoice:
    if not is_file(setting):
        return TemplateChoice(built_in(setting), "")
    try:
        source = Path(setting).read_text("utf-8")
        return TemplateChoice(jinja(source, vocabulary), source)
    except (OSError, UnicodeDecodeError, jinja2.TemplateError, RecursionError) as error:
        why = (
            "is not a chat template"
            if isinstance(error, jinja2.TemplateError)
            else "cannot be read"
        )
        raise LoadError(
            EngineProblem.NO_TEMPLATE,
            f"{setting}, which chat_template under [local] names, {why}",
            "correct it, or leave the setting out.",
        ) from error


def _own(model: Any) -> str:
    """Return the file's template; of several with names only, the one for conversations."""
    if (source := metadata(model, KEY)).strip():
        return source
    prefix = f"{KEY}."
    named = {key.removeprefix(prefix): key for key in metadata_keys(model, prefix)}
    for name in (*DEFAULT_NAMES, *sorted(named)):
        if name in named and (source := metadata(model, named[name])).strip():
            return source
    return ""
