import unicodedata

import pytest

from shammah_tui.core.conversation.search_query import search_text, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hot water, 2nd try!", "hot water 2nd try"),
        ("snake_case and std::vector<int>", "snake case and std vector int"),
        ("Naïve CAFÉ Straße", "naive cafe strasse"),
        ("e\u0301tude", "etude"),
        ("İstanbul", "istanbul"),
        ("ﬁne x² ①", "fine x2 1"),
        ("がか パハ", "が か パ ハ"),
        ("Ελλάδα ΣΊΣΥΦΟΣ", "ελλαδα σισυφοσ"),
        ("世界 你好hello", "世 界 你 好 hello"),
        ("東京タワー", "東 京 タ ワ ー"),
        ("👍 — … !", ""),
        ("", ""),
    ],
)
def test_texts_are_cut_into_words(text: str, words: str) -> None:
    assert search_text(text) == words


@pytest.mark.parametrize("text", ["Naïve İstanbul", "가족 사진", "हिन्दी में", "สวัสดี 世界"])
def test_words_are_the_same_however_they_are_asked_for(text: str) -> None:
    assert search_text(text) == " ".join(word.text for word in words_of(text))
    assert search_text(text) == search_text(search_text(text))
    assert search_text(text) == search_text(unicodedata.normalize("NFD", text))


def test_a_word_with_vowel_signs_is_one() -> None:
    assert len(list(words_of("हिन्दी में"))) == 2


def test_each_letter_of_thai_is_a_word_with_its_marks() -> None:
    assert [word.end - word.start for word in words_of("สวัสดี")] == [1, 2, 1, 2]


@pytest.mark.parametrize("text", ["Hot Water", "Ça, l'été: 世界 ﬁn, हिन्दी"])
def test_places_are_those_of_the_text(text: str) -> None:
    for word in words_of(text):
        assert search_text(text[word.start : word.end]) == word.text


def test_only_what_the_index_takes_for_letters_comes_out() -> None:
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    for word in words_of(everything):
        assert word.text.isalnum()
