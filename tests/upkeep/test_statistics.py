"""Figures that a monitor and the admin read; each in one query."""

import datetime

import pytest
from django.utils import timezone

from pinax.stripe.models import Event
from pinax.stripe.upkeep import statistics
from tests.assertions import assert_row

pytestmark = pytest.mark.django_db


def make(number=1, *, minutes=0, **columns):
    """Events recorded so many minutes ago, the newest last."""
    for _ in range(number):
        position = Event.objects.count()
        event = Event.objects.create(stripe_id=f"evt_{position}", fingerprint=str(position), **columns)
        Event.objects.filter(pk=event.pk).update(recorded_at=timezone.now() - datetime.timedelta(minutes=minutes))
    return event


DONE = {"valid": True, "processed": True}
FAILED = {"valid": True, "failures": 1}
GIVEN_UP = {**FAILED, "gave_up_at": timezone.now()}
REFUSED = {"valid": False, "reason": "not_found"}


def test_an_empty_table_has_figures_too():
    assert (statistics.count_undone(), statistics.count_given_up()) == (0, 0)
    assert statistics.oldest_undone() is statistics.last_seen() is None
    assert statistics.failure_share(timezone.now()).value == 0.0


def test_undone_events_are_those_that_will_still_be_tried():
    make(2, minutes=30, **DONE)
    oldest = make(minutes=20, **FAILED)
    make(minutes=5)
    make(minutes=60, **GIVEN_UP)
    make(minutes=60, **REFUSED)
    make(minutes=60, reason="other_mode")
    assert statistics.count_undone() == 2
    assert statistics.count_undone(before=timezone.now() - datetime.timedelta(minutes=10)) == 1
    assert statistics.oldest_undone() == oldest
    assert statistics.count_given_up() == 1


@pytest.mark.parametrize("columns", [DONE, FAILED, {}])
def test_last_seen_is_the_newest_that_was_not_refused(columns):
    make(minutes=9, **DONE)
    last = make(minutes=8, **columns)
    make(3, **REFUSED)
    assert statistics.last_seen() == last


def test_the_share_of_failures_looks_at_genuine_events_of_its_time():
    since = timezone.now() - datetime.timedelta(hours=1)
    make(3, **DONE)
    make(1, **{**DONE, "failures": 2})
    make(5, minutes=120, **FAILED)
    make(2, **REFUSED)
    make(1, valid=False, reason="signature_mismatch", failures=1)
    share = statistics.failure_share(since)
    assert_row(share, genuine=4, failed=1, refused=3, mismatched=1)
    assert share.value == 0.25
    assert statistics.by_state(since) == {"done": 4, "waiting": 0, "failed": 0, "refused": 3}


def test_each_figure_is_one_query(django_assert_num_queries):
    make(2, **DONE)
    make(2)
    for figure in (statistics.count_undone, statistics.oldest_undone, statistics.count_given_up, statistics.last_seen):
        with django_assert_num_queries(1):
            figure()
    for figure in (statistics.failure_share, statistics.by_state):
        with django_assert_num_queries(1):
            figure(timezone.now())
