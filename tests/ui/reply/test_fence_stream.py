import random

import pytest

from shammah_tui.ui.reply.fence_stream import Code, Fence, FenceStream, Prose

SAMPLES = {
    "prose": "One line\nand `code` and ```more``` here\n\n- a list\n- two\n",
    "fence": "Before\n\n```rust\nfn main() {}\n```\nAfter\n",
    "tildes": "~~~\n```\nnot the end\n~~~\nafter",
    "longer": "````md\n```\ninner\n```\n````\ndone",
    "in a list": "1. first\n\n   ```python\n   print()\n   ```\n\n2. second\n",
    "two": "```\na\n```\n```\nb\n```\n",
    "in a quotation": "> ```py\n> x\n> ```\n> on\n\nafter",
    "in a quotation that ends": ">~~~\n> x\nafter\n",
    "open": "text\n```js\nlet x = 1\nlet y",
    "no line end": "```\nx\n```",
    "blank lines": "\n\n\n```\n\n\n```\n\n",
    "looks like": "`` two\n~~strike~~\n* `item`\n``` a ` b\n",
}


def markdown_of(text: str, cuts: list[int]) -> str:
    """Feed ``text`` in pieces and return all that became Markdown."""
    stream = FenceStream()
    said = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        said += stream.feed(text[start:end])
    said += stream.finish()
    return _text_of(said)


def _text_of(pieces: list[Prose | Fence | Code]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Prose | Fence))


@pytest.mark.parametrize("name", SAMPLES)
def test_all_of_it_becomes_markdown_however_it_is_cut(name: str) -> None:
    text = SAMPLES[name]
    chance = random.Random(name)
    assert markdown_of(text, list(range(1, len(text)))) == text
    for _ in range(200):
        cuts = sorted(chance.sample(range(1, len(text)), chance.randint(0, 6)))
        assert markdown_of(text, cuts) == text


def test_an_open_fence_is_code_until_it_closes() -> None:
    stream = FenceStream()
    assert stream.feed("Hi\n``") == [Prose("Hi\n")]
    assert stream.feed("`py") == []
    assert stream.feed("\nprint(") == [Code("```py\nprint(")]
    assert stream.feed("1)\n") == [Code("1)\n")]
    assert stream.feed("```\n") == [Fence("```py\nprint(1)\n```\n")]
    assert stream.feed("after") == [Prose("after")]


def test_prose_is_not_held_back() -> None:
    stream = FenceStream()
    assert stream.feed("word") == [Prose("word")]
    assert stream.feed(" ```") == [Prose(" ```")]
    assert stream.feed("\n") == [Prose("\n")]


def test_what_is_held_back_comes_at_the_end() -> None:
    stream = FenceStream()
    assert stream.feed("```") == []
    assert stream.finish() == [Prose("```")]
    assert stream.finish() == []


@pytest.mark.parametrize("end", ["> ```\n", "after\n", "\n"])
def test_a_fence_in_a_quotation_closes_with_it(end: str) -> None:
    stream = FenceStream()
    assert stream.feed("> ```py\n> x\n") == [Code("> ```py\n> x\n")]
    assert stream.feed(end) == [Fence("> ```py\n> x\n" + end)]
    assert stream.feed("word") == [Prose("word")]


@pytest.mark.parametrize("name", SAMPLES)
def test_it_goes_on_after_an_end_anywhere(name: str) -> None:
    text = SAMPLES[name]
    for cut in range(1, len(text)):
        stream = FenceStream()
        first = [*stream.feed(text[:cut]), *stream.finish()]
        assert _text_of(first) == text[:cut]
        second = [*stream.feed(text[cut:]), *stream.finish()]
        assert _text_of(second) == text[cut:]
        whole = FenceStream()
        whole.feed(text)
        assert stream.is_open == whole.is_open
