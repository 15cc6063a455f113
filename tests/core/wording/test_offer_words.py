"""What is said where a model that nobody named would have to be downloaded."""

from dataclasses import replace

from shammah_tui.core.local.generator import NotAgreed, NotAvailable, Ready
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec, WeightsFile
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.unanswered import OfferWords, offer_words, who_answers

SMALL = ModelSpec("s", "Qwen3.5 0.8B", files=(WeightsFile("s", 532_517_120),), licence="Apache-2.0")
BIG = ModelSpec("b", "Qwen3.5 9B", files=(WeightsFile("b", 5_680_522_464),), licence="Apache-2.0")
OFFER = NotAgreed(BIG, "~/.cache/huggingface/hub")
STARTER = Ready(ModelSpec("starter", "SmolLM2 135M (starter)", is_starter=True), "CPU", 0)
CHOICE = Choice(
    BIG, 8_192, 7 * 10**9, 10**10, "The largest that writes here", DevicePreference.AUTO
)
KEYS = StatusKeys(models="^m", send="^s")


def words(
    offer: NotAgreed = OFFER,
    active: Ready | None = None,
    recommended: Choice | None = CHOICE,
    *,
    has_key: bool = False,
    is_private: bool = False,
) -> OfferWords:
    return offer_words(
        offer, active, recommended, KEYS, claude_available=has_key, is_private=is_private
    )


def test_which_how_large_licence_where_to_and_why() -> None:
    assert words().what == (
        "To answer on this machine, Qwen3.5 9B (5.7 GB, Apache-2.0) would be downloaded to "
        "~/.cache/huggingface/hub. The largest that writes here."
    )
    assert words().short == "Download Qwen3.5 9B (5.7 GB)?"
    assert words().answers == "^s downloads it · ^m another · n and ^s: not now"


def test_one_consent_is_for_the_whole_climb() -> None:
    climb = words(NotAgreed(SMALL, "/hub", goal=BIG))
    assert climb.what == (
        "To answer on this machine, Qwen3.5 0.8B (533 MB, Apache-2.0) would be downloaded to "
        "/hub, then a larger one, at most Qwen3.5 9B (5.7 GB). The largest that writes here."
    )
    assert climb.short == (
        "Download Qwen3.5 0.8B (533 MB), then a larger one, at most Qwen3.5 9B (5.7 GB)?"
    )


def test_why_is_said_of_the_model_that_it_is_true_of() -> None:
    assert words(NotAgreed(SMALL, "/hub")).what.endswith("would be downloaded to /hub.")
    assert words(recommended=None).what.endswith("huggingface/hub.")


def test_who_answers_meanwhile() -> None:
    assert words().who.startswith("Nobody can answer yet: no model is on this machine, no Claude")
    assert words(has_key=True).who == "Claude answers now."
    assert words(active=STARTER).who == "SmolLM2 135M (starter) answers on this machine."
    assert words(active=STARTER, has_key=True).who == "Claude answers now."
    small = replace(STARTER, model=SMALL)
    assert words(active=small, has_key=True).who == "Qwen3.5 0.8B answers on this machine."


def test_in_a_private_conversation_only_this_machine_answers() -> None:
    assert words(has_key=True, is_private=True).who.startswith(
        "Nobody can answer yet in a private conversation"
    )
    private = words(active=STARTER, has_key=True, is_private=True)
    assert private.who == "SmolLM2 135M (starter) answers on this machine."


def test_how_to_give_a_key_where_there_is_none() -> None:
    assert words().key == "To have Claude answer, give a key with /key."
    assert words(has_key=True).key == ""


def test_nothing_that_is_named_by_others_is_more_than_text() -> None:
    odd = replace(BIG, label="bad\x1b[31m\nname", licence="a\tb")
    said = words(NotAgreed(odd, "/hub\x07"))
    assert "\x1b" not in said.what and "\n" not in said.what and "\x07" not in said.what
    assert said.short.isprintable()


def test_the_welcome_leaves_it_to_the_offer_until_it_is_answered() -> None:
    def welcome(offer: NotAgreed) -> str | None:
        return who_answers(NotAvailable(offer), None, claude_available=True, models_key="F2")

    assert welcome(OFFER) is None
    declined = welcome(replace(OFFER, is_declined=True))
    assert declined == "Claude answers: no model is ready on this machine. F2 lists the models."
