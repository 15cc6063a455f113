"""The GGUF's own chat template: from a conversation to the tokens of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from shammah_tui.core.conversation import Message, Role
from shammah_tui.core.thoughts import CLOSING, OPENING
from shammah_tui.engine.llama.special_text import Fragment, SpecialTextMarks
from shammah_tui.engine.llama.vocabulary import Vocabulary

_ANY_REPLY = Message(Role.ASSISTANT, "a")
_ANY_QUESTIONS = (Message(Role.USER, "a"), Message(Role.USER, "b"))


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is to go on from.

    Attributes:
        tokens: At least one.
        opens_thought: Whether what is generated begins inside a thought.
    """

    tokens: list[int]
    opens_thought: bool


class ChatTemplate:
    """Renders conversations in a sandbox, as Transformers renders them.

    Args:
        source: The Jinja template.
        vocabulary: The vocabulary of the same model.

    Raises:
        jinja2.TemplateSyntaxError: ``source`` is no template.
    """

    def __init__(self, source: str, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        # Read now: looking through 150,000 tokens takes 0.1 s, which no reply should wait for.
        self._special_texts = vocabulary.special_texts
        self._formatter = Jinja2ChatFormatter(
            source,
            eos_token=vocabulary.eos_text,
            bos_token=vocabulary.bos_text,
            add_generation_prompt=True,
        )

    def prompt(
        self, messages: Sequence[Message], *, enable_thinking: bool, begun_thought: str = ""
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
        goes_on = bool(messages) and messages[-1].role is Role.ASSISTANT
        asked, begun = (messages[:-1], messages[-1].text) if goes_on else (messages, "")
        texts = [*(message.text for message in messages), begun_thought]
        marks = SpecialTextMarks(self._special_texts, texts)
        rendered: str = self._formatter(
            messages=[
                {"role": str(message.role), "content": marks.hide(message.text)}
                for message in asked
            ],
            enable_thinking=enable_thinking,
        ).prompt
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

    def history_tokens(self, messages: Sequence[Message], *, enable_thinking: bool) -> list[int]:
        """Return what the prompt of any next question begins with.

        Raises:
            Exception: As ``prompt``.
        """
        one, other = (
            self.prompt((*messages, question), enable_thinking=enable_thinking).tokens
            for question in _ANY_QUESTIONS
        )
        return one[: common_length(one, other)]

    def settled_length(
        self, messages: Sequence[Message], tokens: Sequence[int], *, enable_thinking: bool
    ) -> int:
        """Return how much of the prompt ``tokens`` for ``messages`` the next turn's will keep.

        The rest (the mark of not thinking, for instance) belongs to the reply under way.

        Raises:
            Exception: As ``prompt``.
        """
        asked = messages[:-1] if messages[-1].role is Role.ASSISTANT else messages
        later = (*asked, _ANY_REPLY, _ANY_QUESTIONS[0])
        return common_length(tokens, self.prompt(later, enable_thinking=enable_thinking).tokens)

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


def common_length(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens at their beginning the two have in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
