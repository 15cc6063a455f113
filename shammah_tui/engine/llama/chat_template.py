"""The GGUF's own chat template: from a conversation to the tokens of a prompt."""

from collections.abc import Sequence

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from shammah_tui.core.conversation import Message
from shammah_tui.engine.llama.special_text import Fragment, SpecialTextMarks
from shammah_tui.engine.llama.vocabulary import Vocabulary


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

    def prompt_tokens(self, messages: Sequence[Message], *, enable_thinking: bool) -> list[int]:
        """Return the prompt for a reply to ``messages``, at least one token.

        Raises:
            Exception: Whatever the template raises about a conversation that it does not take.
            ValueError: It rendered to nothing.
        """
        texts = [message.text for message in messages]
        marks = SpecialTextMarks(self._special_texts, texts)
        rendered: str = self._formatter(
            messages=[
                {"role": str(message.role), "content": marks.hide(message.text)}
                for message in messages
            ],
            enable_thinking=enable_thinking,
        ).prompt
        tokens = [
            token for part in marks.fragments(rendered) for token in self._fragment_tokens(part)
        ]
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
