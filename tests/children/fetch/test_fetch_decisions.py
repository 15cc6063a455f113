"""The transfer's decisions that need no network: who fetches what, how many, when again."""

import random
import time

import pytest

from shammah_tui.children.fetch.crew import Claim, Claims, TokenBucket
from shammah_tui.children.fetch.faults import LastingError, PassingError, Patience, Retries
from shammah_tui.children.fetch.part import RateWindow
from shammah_tui.children.fetch.widening import MOST_CONNECTIONS, Widening
from shammah_tui.core.protocol.fetch_messages import FetchProblem


@pytest.mark.parametrize("seed", range(20))
def test_every_block_is_claimed_exactly_once(seed: int) -> None:
    chance = random.Random(seed)
    missing = [(0, 40), (50, 51), (60, 200)]
    claims = Claims(list(missing))
    fetched: list[int] = []
    active: list[Claim] = []
    for _ in range(5000):
        if len(active) < 6 and chance.random() < 0.3:
            most = chance.choice([None, 4, 16])
            if (claim := claims.take(most, 2)) is not None:
                active.append(claim)
        if active:
            claim = chance.choice(active)
            if claim.next < claim.end and chance.random() < 0.95:
                fetched.append(claim.next)
                claim.next += 1
            else:
                active.remove(claim)
                claims.release(claim)
        if chance.random() < 0.02:
            claims.narrow(8)
    for claim in active:
        fetched.extend(range(claim.next, claim.end))
    assert sorted(fetched) == [block for first, end in missing for block in range(first, end)]


def test_the_longest_claim_is_cut_in_two_at_the_end() -> None:
    claims = Claims([(0, 100)])
    first = claims.take(None, 4)
    second = claims.take(None, 4)
    assert first is not None and second is not None
    assert (first.end, second.next, second.end) == (50, 50, 100)
    first.next, second.next = 48, 97
    assert claims.take(None, 4) is None


def watch(widening: Widening, rates: dict[int, float], seconds: float) -> list[int]:
    """Return the numbers of connections over time, where ``rates`` tells what each brings."""
    connections, received, history = 1, 0.0, [1]
    for step in range(int(seconds * 10)):
        received += rates[connections] / 10
        change = widening.decide(step / 10, int(received), 10**12, connections)
        connections += change
        if change:
            history.append(connections)
    return history


def test_connections_are_added_while_they_help() -> None:
    each = {count: count * 10e6 for count in range(1, 7)}
    assert watch(Widening(2.0, 60.0), each, 60) == [1, 2, 4, 6]
    assert max(each) == MOST_CONNECTIONS


def test_what_brings_nothing_is_taken_away_and_tried_again_a_minute_later() -> None:
    same = dict.fromkeys(range(1, 7), 10000000.0)
    assert watch(Widening(2.0, 60.0), same, 50) == [1, 2, 1]
    assert watch(Widening(2.0, 60.0), same, 100) == [1, 2, 1, 2, 1]
    some = {1: 10e6, 2: 20e6, 3: 22e6, 4: 22e6, 5: 22e6, 6: 22e6}
    assert watch(Widening(2.0, 60.0), some, 50) == [1, 2, 4, 2]


def test_nothing_is_tried_near_the_end_or_where_it_is_fast_already() -> None:
    widening = Widening(2.0, 60.0)
    assert not any(widening.decide(t / 10, t * 10**6, 10**7, 1) for t in range(300))
    fast = dict.fromkeys(range(1, 7), 900000000.0)
    assert watch(Widening(2.0, 60.0), fast, 60) == [1]


def no_jitter() -> Retries:
    return Retries(Patience(jitter=0.0), "hub.example")


def test_pauses_grow_and_then_it_gives_up() -> None:
    retries = no_jitter()
    retries.note_received(1)
    pauses = [retries.pause_after(PassingError("the network")) for _ in range(7)]
    assert pauses == [1, 2, 4, 8, 15, 30, 30]
    with pytest.raises(LastingError) as caught:
        retries.pause_after(PassingError("the network"))
    assert caught.value.problem is FetchProblem.GAVE_UP


def test_a_megabyte_of_new_bytes_forgives() -> None:
    retries = no_jitter()
    retries.note_received(5)
    for received, pause in ((5, 1), (1_000_004, 2), (1_999_000, 4), (3_100_000, 1)):
        retries.note_received(received)
        assert retries.pause_after(PassingError("the network")) == pause


def test_pauses_differ_by_a_fifth_at_most() -> None:
    pauses = set()
    for _ in range(200):
        retries = Retries(Patience(), "hub.example")
        retries.note_received(1)
        pauses.add(retries.pause_after(PassingError("the network")))
    assert 0.8 <= min(pauses) < 0.9 < 1.1 < max(pauses) <= 1.2


def test_what_the_server_asks_for_is_obeyed_up_to_a_cap() -> None:
    retries = no_jitter()
    assert retries.pause_after(PassingError("it", retry_after_s=50)) == 50
    assert retries.pause_after(PassingError("it", retry_after_s=0.5)) == 2
    assert retries.pause_after(PassingError("it", retry_after_s=9999)) == 120


def test_before_the_first_byte_three_tries() -> None:
    retries = no_jitter()
    unreachable = PassingError("the network", unreachable=True)
    pauses = [retries.pause_after(unreachable) for _ in range(2)]
    assert sum(pauses) < 10
    with pytest.raises(LastingError) as caught:
        retries.pause_after(unreachable)
    assert caught.value.problem is FetchProblem.OFFLINE
    assert "hub.example" in caught.value.sentence


def test_time_to_connect_is_short_only_until_the_hub_has_answered() -> None:
    retries = Retries(Patience(first_contact_s=0.0, answer_s=15.0), "hub.example")
    assert retries.connect_s() < 1
    retries.note_contact()
    assert retries.connect_s() == 15


def test_rate_is_that_of_the_window() -> None:
    rate = RateWindow(5.0)
    for tenth in range(100):
        rate.add(tenth / 10, tenth * 100)
        assert (rate.bytes_per_s is None) == (tenth < 10)
    assert rate.bytes_per_s == pytest.approx(1000)
    for tenth in range(100, 151):
        rate.add(tenth / 10, 9900)
    assert rate.bytes_per_s is None
    rate.clear()
    assert rate.bytes_per_s is None


def test_a_bucket_lets_no_more_through() -> None:
    bucket = TokenBucket(1_000_000)
    began_s = time.monotonic()
    pauses = [bucket.take(bucket.most_at_once) for _ in range(20)]
    spent_s = time.monotonic() - began_s
    # Two megabytes at one a second, less the burst that is allowed.
    assert 1.8 < pauses[-1] + spent_s < 2.1
