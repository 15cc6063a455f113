"""Writes conversations with the chat template; no text in them becomes a special token.

A message that quotes ``<|im_end|>`` must not end its own turn. Each such spelling is replaced by
one private-use character before the chat template sees the message. A single character passes
through any template whole or not at all, whatever the template trims, splits or compares; after
rendering it marks the places where the spelling is tokenized as ordinary text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shammah_tui.children.llama.kv_cache import common_length
from shammah_tui.children.llama.template_choice import Render, jinja
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.routing.thoughts import CLOSING, OPENING

FIRST_MARK, LAST_MARK = 0xF0000, 0xFFFFD
"""Supplementary private-use area A of Unicode."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a rendered prompt; ``quoted`` spells a special token that is meant as text."""

    text: str
    quoted: bool


class SpecialTextMarks:
    """Marks for the special spellings that occur in one conversation."""

    def __init__(self, special_texts: Iterable[str], texts: Sequence[str]) -> None:
        # The longest first, as the tokenizer itself looks for them.
        ordered = sorted(special_texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._taken = {c for text in texts for c in text if FIRST_MARK <= ord(c) <= LAST_MARK}
        self._mark_of: dict[str, str] = {}
        self._next = FIRST_MARK

    def hide(self, text: str) -> str:
        """Return ``text`` with marks in place of special spellings."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._mark(found.group()), text)

    def fragments(self, rendered: str) -> list[Fragment]:
        """Cut a rendered prompt at the marks."""
        if not self._mark_of:
            return [Fragment(rendered, quoted=False)]
        spelled = {mark: text for text, mark in self._mark_of.items()}
        cut = re.split(f"([{''.join(spelled)}])", rendered)
        return [Fragment(spelled.get(text, text), quoted=text in spelled) for text in cut if text]

    def _mark(self, text: str) -> str:
        if text not in self._mark_of:
            while chr(self._next) in self._taken:
                self._next += 1
            self._mark_of[text] = chr(self._next)
            self._next += 1
        return self._mark_of[text]


_ANY_REPLY = Message(Role.ASSISTANT, "a")
_ANY_QUESTIONS = (Message(Role.USER, "a"), Message(Role.USER, "b"))

_TRIAL = (
    Message(Role.USER, "quokka7"),
    Message(Role.ASSISTANT, "numbat8"),
    Message(Role.USER, "quoll9"),
)
_TRIAL_SYSTEM = Message(Role.SYSTEM, "bilby5")
"""Words that no template writes by itself."""

_MARKER = re.compile(r"<[|｜].*[|｜]>|\[/?[A-Z_]+\]|</?[a-z]+_of_[a-z]+>|</?s>")
"""What turn markers look like, also where a template does not name them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: the tokens that the model continues, at least one.

    ``opens_thought`` is whether what is generated begins inside a thought.
    """

    tokens: list[int]
    opens_thought: bool


class ChatTemplate:
    """Writes conversations as a model was trained to read them.

    What a template makes of instructions and of texts is tried once, with words of our own: where
    it refuses the system's message or leaves it out, the instructions stand in the first question;
    where it only looks at lists of parts, texts are given so.

    Args:
        source: The Jinja template; empty for one of llama.cpp's own.
        vocabulary: The vocabulary of the same model.
        render: Writes a conversation; None renders ``source``.

    Raises:
        jinja2.TemplateSyntaxError: ``source`` is no template.
    """

    def __init__(self, source: str, vocabulary: Vocabulary, render: Render | None = None) -> None:
        self._vocabulary = vocabulary
        self._render = render or jinja(source, vocabulary)
        self._in_parts = False
        self._in_parts = not self._shows(_TRIAL[:1]) and self._shows(_TRIAL[:1], in_parts=True)
        self._takes_system = self._shows((_TRIAL_SYSTEM, _TRIAL[0])) and self._shows(
            (_TRIAL_SYSTEM, *_TRIAL)
        )
        # Read now: looking through 150,000 tokens takes 0.1 s, which no reply should wait for.
        self._special_texts = self._markers(source)

    def prompt(
        self, messages: Conversation, *, enable_thinking: bool, begun_thought: str = ""
    ) -> Prompt:
        """Return the prompt for a reply to ``messages``, or for the rest of the reply they end in.

        Args:
            messages: The conversation. The assistant's message at its end stays open.
            enable_thinking: Handed to the template.
            begun_thought: What was thought ahead of the reply that is to be gone on with.

        Raises:
            Exception: Whatever the template raises about a conversation that it does not take.
            ValueError: It rendered to nothing.
        """
        messages = self._taken(messages)
        goes_on = bool(messages) and messages[-1].role is Role.ASSISTANT
        asked, begun = (messages[:-1], messages[-1].text) if goes_on else (messages, "")
        texts = [*(message.text for message in messages), begun_thought]
        marks = SpecialTextMarks(self._special_texts, texts)
        hidden = [Message(each.role, marks.hide(each.text)) for each in asked]
        rendered = self._render(self._written(hidden), enable_thinking)
        opens_thought = rendered.rstrip().endswith(OPENING)
        if begun_thought and not opens_thought:
            rendered += f"{OPENING}\n"
            opens_thought = True
        rendered += marks.hide(begun_thought)
        if begun:
            rendered += f"\n{CLOSING}\n\n" if opens_thought else ""
            rendered += marks.hide(begun)
            opens_thought = False
        return Prompt(self._tokens(marks.fragments(rendered)), opens_thought)

    def history_tokens(self, messages: Conversation, *, enable_thinking: bool) -> list[int]:
        """Return what the prompt of any next question begins with; raises as ``prompt``."""
        one, other = (
            self.prompt((*messages, question), enable_thinking=enable_thinking).tokens
            for question in _ANY_QUESTIONS
        )
        return one[: common_length(one, other)]

    def settled_length(
        self, messages: Conversation, tokens: Sequence[int], *, enable_thinking: bool
    ) -> int:
        """Return how much of the prompt ``tokens`` for ``messages`` the next turn's will keep.

        The rest (the mark of not thinking, for instance) belongs to the reply under way. Raises as
        ``prompt``.
        """
        asked = messages[:-1] if messages[-1].role is Role.ASSISTANT else messages
        later = (*asked, _ANY_REPLY, _ANY_QUESTIONS[0])
        return common_length(tokens, self.prompt(later, enable_thinking=enable_thinking).tokens)

    def _taken(self, messages: Conversation) -> Conversation:
        """Return a conversation as the template takes it: the instructions where it shows them."""
        if self._takes_system:
            return messages
        told = "\n\n".join(each.text for each in messages if each.role is Role.SYSTEM)
        turns = tuple(each for each in messages if each.role is not Role.SYSTEM)
        if not told:
            return turns
        if turns and turns[0].role is Role.USER:
            return (Message(Role.USER, f"{told}\n\n{turns[0].text}"), *turns[1:])
        return (Message(Role.USER, told), *turns)

    def _written(
        self, messages: Sequence[Message], *, in_parts: bool = False
    ) -> list[dict[str, Any]]:
        parts = in_parts or self._in_parts
        return [
            {
                "role": str(each.role),
                "content": [{"type": "text", "text": each.text}] if parts else each.text,
            }
            for each in messages
        ]

    def _shows(self, messages: Sequence[Message], *, in_parts: bool = False) -> bool:
        """Tell whether the template takes ``messages``, and leaves nothing of them out."""
        try:
            shown = self._render(self._written(messages, in_parts=in_parts), False).lower()
        except Exception:  # noqa: BLE001 - a template is a program from a file
            return False
        return all(each.text in shown for each in messages)

    def _markers(self, source: str) -> frozenset[str]:
        """Return the special spellings that no message may be read as.

        All control tokens, and of those that were only added to the vocabulary the ones that mark
        something: in the template, by their look, or as the end of a turn. The rest is text that
        happens to be one token (Gemma lists ``<table>`` and 6,000 more) and stays that.
        """
        written = source
        for enable_thinking in (False, True):
            for messages in (_TRIAL[:1], _TRIAL, (_TRIAL_SYSTEM, *_TRIAL)):
                try:
                    written += self._render(self._written(messages), enable_thinking)
                except Exception:  # noqa: BLE001, S112 - as above
                    continue
        user_defined = self._vocabulary.user_defined_texts
        plain = {
            text
            for text, token in user_defined.items()
            if not (
                text in written
                or text.lower() in (OPENING, CLOSING)
                or _MARKER.fullmatch(text)
                or self._vocabulary.is_end(token)
            )
        }
        return self._vocabulary.special_texts - plain

    def _tokens(self, fragments: Sequence[Fragment]) -> list[int]:
        tokens = [token for part in fragments for token in self._fragment_tokens(part)]
        first = self._vocabulary.first_token
        if first is not None and tokens[:1] != [first]:
            tokens.insert(0, first)
        if not tokens:
            raise ValueError("The template rendered to nothing")
        return tokens

    def _fragment_tokens(self, fragment: Fragment) -> list[int]:
        if not fragment.quoted:
            return self._vocabulary.tokenize(fragment.text, parse_special=True)
        # User-defined tokens are found even where special ones are not looked for, so the
        # spelling is taken apart.
        return [
            token
            for character in fragment.text
            for token in self._vocabulary.tokenize(character, parse_special=False)
        ]
