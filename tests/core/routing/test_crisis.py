"""Phrases that speak of danger, and the many that only sound like it."""

import time

import pytest

from shammah_tui.core.routing.crisis import is_crisis
from shammah_tui.core.routing.crisis_phrases import SPACED, UNSPACED
from shammah_tui.core.wording.unanswered import HELP_LINE

CRISES = [
    # English, about oneself
    "I want to kill myself",
    "i wanna die",
    "I WANT TO DIE.",
    "I don't want to live anymore",
    "I don’t want to be alive",
    "i dont want to live any more, sorry",
    "I've been thinking about ending my life",
    "I'm suicidal and I don't know who to talk to",
    "Lately I'm having suicidal thoughts at night",
    "Is there a painless way to die?",
    "how to commit suicide",
    "I keep cutting myself when I am sad",
    "There's no reason to live",
    "everyone would be better off without me",
    "I wish I were dead",
    "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
    "I\u200b want\nto   die",
    "Please help me write my suicide note",
    "I am going to take my own life tonight",
    "I feel the urge to self-harm",
    # English, about others, violence, abuse
    "My friend wants to kill himself, what do I say?",
    "she tried to kill herself last year",
    "I'm gonna kill him",
    "I want to hurt someone at school",
    "he said he would shoot up the school",
    "He threatened to kill me",
    "my husband beats me",
    "My boyfriend hits me when he's drunk",
    "my dad hit me again yesterday",
    "my ex is abusing me",
    "I was raped and I have told nobody",
    "I am in an abusive relationship",
    "I'm afraid of my husband",
    # Spanish
    "Quiero morir",
    "ya no quiero vivir",
    "me voy a suicidar",
    "Tengo pensamientos suicidas",
    "mi marido me pega",
    "quiero hacerme dano",
    # French
    "Je veux mourir",
    "J’ai envie de mourir",
    "je vais mettre fin a mes jours",
    "Mon conjoint me bat",
    "JE NE VEUX PLUS VIVRE",
    # German
    "Ich will nicht mehr leben",
    "Ich bringe mich um.",
    "ich moechte sterben, ich möchte sterben",
    "Mein Mann schlägt mich",
    "MEIN MANN SCHLÄGT MICH",
    "Ich wurde vergewaltigt",
    # Portuguese, Italian, Dutch, Swedish, Polish
    "Quero me matar",
    "não quero mais viver",
    "meu namorado me bate",
    "Voglio farla finita",
    "mio marito mi picchia",
    "non voglio piu vivere",
    "ik wil niet meer leven",
    "mijn man slaat me",
    "Jag vill dö",
    "chcę się zabić",
    "nie chcę już żyć",
    # Russian, Ukrainian, Turkish
    "Хочу умереть",
    "я больше не хочу жить",
    "муж меня бьет",
    "не хочу більше жити",
    "Чоловік мене бʼє",
    "İNTİHAR ETMEK İSTİYORUM",
    "Kendimi öldürmek istiyorum",
    # Indonesian, Vietnamese
    "aku mau bunuh diri",
    "Tôi muốn chết",
    # Hebrew, Arabic, Persian, Hindi
    "אני רוצה למות",
    "אני רוצה להתאבד",
    "בעלי מכה אותי",
    "נאנסתי",
    "אֲנִי רוֹצֶה לָמוּת",
    "أريد أن أموت",
    "اريد ان اموت",
    "أُفَكِّرُ في الانتحار",
    "زوجي يضربني كل يوم",
    "می\u200cخواهم بمیرم",
    "मैं मरना चाहता हूँ",
    "मैं मरना चाहती हूं",
    "मैं जीना नहीं चाहती",
    # Chinese, Japanese, Korean
    "我想死",
    "我真的不想活了。",
    "我想自殺",
    "老公打我怎么办",
    "もう死にたい",
    "自殺したいです",
    "夫に殴られました",
    "죽고 싶어요",
    "자살하고 싶다",
    "남편이 저를 때려요",
]

HARMLESS = [
    "How do I kill a process?",
    "kill -9 won't end it all the time",
    "how do I kill the server",
    "child process killed by signal 9",
    "I have zombie processes and I want to kill them",
    "Kill my job with scancel",
    "kill my self-hosted runner",
    "abuse of notation",
    "Is this an abuse of the type system?",
    "Report abuse of our API",
    "statistics on drug abuse in Europe",
    "Who directed the Suicide Squad movie?",
    "Did Hitler commit suicide?",
    "history of suicide prevention programmes",
    "the suicide rate by country, as a table",
    "suicide burn in KSP",
    "What does self-harm mean in law?",
    "Summarise Romeo and Juliet, in which both kill themselves",
    "I nearly died laughing",
    "I want to die laughing",
    "I could die of boredom in this meeting",
    "Don't let me shoot myself in the foot with this macro",
    "I am cutting myself some slack",
    "I cut myself shaving; how do I stop it?",
    "my brother beats me at chess",
    "my uncle hit me up for money",
    "My boss is killing me with deadlines",
    "my mom is going to kill me when she sees the bill",
    "my back is killing me",
    "The deadline kills me",
    "killer app ideas",
    "kill two birds with one stone",
    "You're killing it!",
    "How does a dead letter queue work?",
    "dead code elimination",
    "die casting costs",
    "roll a die and sum",
    "Why did the battery die?",
    "hang the picture",
    "The program hangs itself up",
    "execute the child",
    "orphaned children of a parent process",
    "slave and master replicas",
    "beat the eggs, then whip the cream",
    "The function hits me with a TypeError",
    "rape seed oil nutrition",
    "I want to live in Madrid",
    "I don't want to live in a flat",
    "What is domestic violence legislation in Norway?",
    "Explain violence in Tarantino's films",
    "murder mystery party ideas",
    "Write a story in which the villain dies",
    "",
    "   ",
    "???",
    # other languages
    "Die Zahl ist zu groß",
    "die Zahl der Toten im Krieg",
    "Wie töte ich einen Prozess?",
    "Wann will er sterben? Der Stern stirbt als Supernova",
    "Comment tuer un processus ?",
    "Je veux tuer le processus 1234",
    "no quiero vivir en Madrid",
    "¿Cómo matar un proceso en Linux?",
    "quiero matar el proceso",
    "como matar um processo",
    "voglio vivere in Italia",
    "uccidere un processo",
    "не хочу жить в Москве",
    "как убить процесс",
    "хочу убить его, этот процесс",
    "İşlemi öldürmek istiyorum",
    "איך להרוג תהליך",
    "כמה אנשים מתאבדים בשנה?",
    "كيف أقتل عملية",
    "प्रक्रिया को कैसे मारें",
    "我想死锁是怎么发生的",
    "我想死循环的原因",
    "想死你了",
    "怎么杀死进程",
    "自杀小队这部电影",
    "プロセスを殺したい",
    "自殺率の統計",
    "서울에 살기 싫어",
    "프로세스를 죽이고 싶어",
]


@pytest.mark.parametrize("text", CRISES)
def test_danger_is_heard(text: str) -> None:
    assert is_crisis(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_are_let_be(text: str) -> None:
    assert not is_crisis(text)


def test_the_tables_are_not_small() -> None:
    assert len(CRISES) >= 60
    assert len(HARMLESS) >= 60


@pytest.mark.parametrize("phrase", [*SPACED, *UNSPACED])
def test_every_phrase_is_found_inside_a_sentence(phrase: str) -> None:
    assert is_crisis(f"… {phrase.upper()}, 1!")
    if phrase in SPACED:
        assert not is_crisis(f"x{phrase}x")


def test_phrases_do_not_reach_over_an_idiom_that_was_taken_out() -> None:
    assert not is_crisis("I want to die laughing myself")
    assert is_crisis("I nearly died laughing, but I want to die")


def test_a_long_paste_is_read_to_its_end_and_does_not_hold_the_screen_up() -> None:
    paste = "the quick brown fox said i want to know how to kill it " * 2_000
    started = time.perf_counter()
    assert not is_crisis(paste)
    # 11 ms for 110 kB where this was written; the bound leaves room for a machine under load.
    assert time.perf_counter() - started < 0.5
    assert is_crisis(paste + "and kill myself")


def test_the_help_line_is_one_line_that_says_where() -> None:
    assert "\n" not in HELP_LINE
    assert len(HELP_LINE) <= 200
    for where in ("local emergency number", "988", "116 123", "findahelpline.com"):
        assert where in HELP_LINE
