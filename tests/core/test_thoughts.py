"""Telling thoughts from replies, however the stream is cut."""

import pytest

from shammah_tui.core.thoughts import ThoughtSplitter


def split(stream: list[str], *, begins_inside: bool = False) -> tuple[str, str]:
    splitter = ThoughtSplitter(begins_inside=begins_inside)
    thought = said = ""
    for piece in stream:
        more_thought, more_said = splitter.take(piece)
        # Once the reply has begun nothing is a thought any more.
        assert not (said and more_thought)
        thought, said = thought + more_thought, said + more_said
    more_thought, more_said = splitter.rest()
    return thought + more_thought, said + more_said


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
    assert splitter.take("Let me") == ("Let me", "")
    assert splitter.take(" see </") == (" see ", "")
    assert splitter.take("b>") == ("</b>", "")


def test_what_has_been_said_before_keeps_a_continuation_from_being_a_thought() -> None:
    splitter = ThoughtSplitter(begins_inside=False)
    splitter.take("The tag is ")
    assert splitter.take("<think>") == ("", "<think>")
