"""Telling thoughts from replies, however the stream is cut."""

import pytest

from shammah_tui.core.conversation.reply import TextDelta, TextWasThought, ThinkingDelta
from shammah_tui.core.routing.thoughts import ThoughtSplitter


def split(stream: list[str], *, begins_inside: bool = False) -> tuple[str, str]:
    splitter = ThoughtSplitter(begins_inside=begins_inside)
    thought = said = ""
    for piece in [*(each for part in stream for each in splitter.take(part)), *splitter.rest()]:
        match piece:
            case ThinkingDelta(text):
                # Once the reply has begun nothing is a thought, unless all of it is.
                assert not said
                thought += text
            case TextDelta(text):
                said += text
            case TextWasThought():
                assert said
                thought, said = thought + said, ""
    return thought, said


@pytest.mark.parametrize(
    ("stream", "begins_inside", "thought", "said"),
    [
        ("", False, "", ""),
        ("Hello", False, "", "Hello"),
        ("  two spaces first", False, "", "  two spaces first"),
        ("\n\tA tab", False, "", "\n\tA tab"),
        ("   ", False, "", "   "),
        ("<think>\nLet me see.\n</think>\n\nIt is blue.", False, "Let me see.\n", "It is blue."),
        ("\n<think>Hm.</think>Yes", False, "Hm.", "Yes"),
        # Other families have tags of their own; only its own ends a thought that they begin.
        ("<thinking>Hm.</think>m</thinking>\n\nYes", False, "Hm.</think>m", "Yes"),
        ("◁think▷Hm.◁/think▷Yes", False, "Hm.", "Yes"),
        ("[THINK]Hm.[/THINK]\nYes", False, "Hm.", "Yes"),
        ("<seed:think>Hm.</seed:think>Yes", False, "Hm.", "Yes"),
        ("Hm.</thinking>\n\nYes", True, "Hm.", "Yes"),
        ("Hm.\n◁/think▷\n\nYes", False, "Hm.\n", "Yes"),
        # Only line ends around the tags are the template's.
        ("<think>Hm.</think>\n\n  indented", False, "Hm.", "  indented"),
        ("Let me see.\n</think>\n\nIt is blue.", True, "Let me see.\n", "It is blue."),
        # Some models open the block again that the template has opened.
        ("<think>\nLet me see.</think>\nBlue", True, "Let me see.", "Blue"),
        ("cut in the middle of a thou", True, "cut in the middle of a thou", ""),
        ("<think>cut here</thi", False, "cut here</thi", ""),
        ("<think>\n\n</think>\n\nNothing was thought", False, "", "Nothing was thought"),
        # A reply may speak of the tags.
        ("Write <think> and </think>.", False, "", "Write <think> and </think>."),
        ("Hm.</think>Write <think>x</think>.", True, "Hm.", "Write <think>x</think>."),
        ("a < b and a <thing>", False, "", "a < b and a <thing>"),
        ("<thing>", False, "", "<thing>"),
        ("<thi", False, "", "<thi"),
        ("<think>\n\n", False, "", ""),
        # Only the end comes: what stood before it was the thought.
        ("A greeting.\n</think>\n\nHello", False, "A greeting.\n", "Hello"),
        ("A greeting.\n</THINK>\n\nHello", False, "A greeting.\n", "Hello"),
        ("A greeting.</think>\n\nHello", False, "A greeting.", "Hello"),
        ("A greeting. </think>\nHello", False, "A greeting. ", "Hello"),
        ("A greeting.</think>Hello", False, "A greeting.", "Hello"),
        ("A greeting.</think> Hello", False, "A greeting.", "Hello"),
        ("One\ntwo\n\n</think>Hello", False, "One\ntwo\n\n", "Hello"),
        ("- a\n- b\n</think>\n- c", False, "- a\n- b\n", "- c"),
        (
            "What does <think> do?\n</think>\nIt begins.",
            False,
            "What does <think> do?\n",
            "It begins.",
        ),
        # A thought and nothing else.
        ("A greeting.\n</think>", False, "A greeting.\n", ""),
        ("A greeting.\n</think>\n\n", False, "A greeting.\n", ""),
        ("A greeting.\n</think>", True, "A greeting.\n", ""),
        # Twice.
        ("<think>a</think>\n\n</think>\n\nHi", False, "a", "Hi"),
        ("<think>a</think>\nb\n</think>\n\nHi", False, "ab\n", "Hi"),
        ("a\n</think>\nb\n</think>\nHi", False, "a\nb\n", "Hi"),
        ("<think>a</think>\n<think>b</think>Hi", False, "ab", "Hi"),
        ("a\n</think>\n<think>b</think>\nHi", False, "a\nb", "Hi"),
        # A stray one says nothing.
        ("</think>\n\nHi", False, "", "Hi"),
        (" \n</think>Hi", False, "", "Hi"),
        ("</think> Hi", False, "", "Hi"),
        ("</think>", False, "", ""),
        ("Hi</think>", False, "", "Hi"),
        ("Hi</think>\n", False, "", "Hi\n"),
        ("Hi.</THINK>", False, "", "Hi."),
        ("<THINK>x</THINK>Hi", False, "x", "Hi"),
        ("<Think>x</think>Hi", False, "x", "Hi"),
        # A reply may speak of either.
        (
            "The tags <think> and </think> mark a thought.",
            False,
            "",
            "The tags <think> and </think> mark a thought.",
        ),
        ("</think> ends a thought.", False, "", "</think> ends a thought."),
        ("Its end is </think>.", False, "", "Its end is </think>."),
        ("Its end is </think>", False, "", "Its end is </think>"),
        ("Its end is </think>\nwith a slash", False, "", "Its end is </think>\nwith a slash"),
        ("`</think>` ends it", False, "", "`</think>` ends it"),
        ('As "</think>" does', False, "", 'As "</think>" does'),
        ("Write </think> after it", False, "", "Write </think> after it"),
        ("- </think>: the end\n- more", False, "", "- </think>: the end\n- more"),
        ("| </think> | End |\n|---|", False, "", "| </think> | End |\n|---|"),
        (
            "So:\n```\nHm\n</think>\nHi\n```\nThat is all.",
            False,
            "",
            "So:\n```\nHm\n</think>\nHi\n```\nThat is all.",
        ),
        (
            "So:\n\n<think>\nHm\n</think>\n\nHi",
            False,
            "",
            "So:\n\n<think>\nHm\n</think>\n\nHi",
        ),
        ("So: <think>Hm</think>\nHi", False, "", "So: <think>Hm</think>\nHi"),
        ("İİ\n</think>\n\nHi", False, "İİ\n", "Hi"),
        ("a < b </b> </thinker>", True, "a < b </b> </thinker>", ""),
    ],
)
def test_whole_and_cut_at_every_place(
    stream: str, begins_inside: bool, thought: str, said: str
) -> None:
    assert split([stream], begins_inside=begins_inside) == (thought, said)
    assert split(list(stream), begins_inside=begins_inside) == (thought, said)
    for place in range(len(stream)):
        cut = [stream[:place], stream[place:]]
        assert split(cut, begins_inside=begins_inside) == (thought, said)


def test_thoughts_are_given_out_as_they_come() -> None:
    splitter = ThoughtSplitter(begins_inside=True)
    assert splitter.take("Let me") == [ThinkingDelta("Let me")]
    assert splitter.take(" see </") == [ThinkingDelta(" see ")]
    assert splitter.take("b>") == [ThinkingDelta("</b>")]


def test_what_has_been_said_before_keeps_a_continuation_from_being_a_thought() -> None:
    splitter = ThoughtSplitter(begins_inside=False)
    splitter.resume("The tag is ", is_thought=False)
    assert splitter.take("<think>") == [TextDelta("<think>")]
