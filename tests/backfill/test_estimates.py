"""About how much is left of a run, as far as that can be told."""

import time
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from pinax.stripe.backfill.estimates import Rest, lengths_of_lists, rest_of
from pinax.stripe.models import BackfillPosition

#: When the first list ended, and when everything is to be read until.
OLDEST, UNTIL = 1_000_000, 2_000_000


def position(**columns):
    return BackfillPosition(**{"list_name": "customers", "since": None, "until": UNTIL, **columns})


#: A list that was read whole, down to the oldest object.
DONE = position(list_name="products", reached=OLDEST, listed=5, finished_at=timezone.now())
STATES = {
    "nothing is read": ([], None),
    "nothing is written": ([position()], None),
    "a quarter of its time is read": ([position(reached=UNTIL - 250_000, listed=100)], 300),
    "all of its time but a little": ([position(reached=OLDEST, listed=100)], 0),
    "too little is read": ([position(reached=UNTIL - 40_000, listed=100)], None),
    "it is older than all others": ([position(reached=OLDEST - 1, listed=100)], None),
    "the newer half is read": (
        [
            position(since=1_500_000, reached=1_500_000, listed=80, finished_at=timezone.now()),
            position(until=1_500_000, reached=1_400_000, listed=20),
        ],
        80,
    ),
    "one of two parts was not begun": (
        [position(since=1_500_000, reached=1_600_000, listed=80), position(until=1_500_000)],
        None,
    ),
    "only what is new is read": ([position(since=1_900_000, reached=1_950_000, listed=7)], 7),
}


@pytest.mark.parametrize("state", STATES)
def test_the_time_that_is_left_of_a_list_tells_how_many_objects_are(state):
    positions, left = STATES[state]
    rest = rest_of({"products": [DONE], "customers": positions}, {})
    assert rest == (Rest(objects=0, lists=0, unknown=1) if left is None else Rest(objects=left, lists=1, unknown=0))


def test_without_a_list_that_ended_nothing_is_known_of_the_beginning():
    positions = [position(reached=UNTIL - 250_000, listed=100)]
    assert rest_of({"customers": positions}, {}) == Rest(objects=0, lists=0, unknown=1)


def test_a_list_that_was_read_before_is_about_as_long_as_it_was():
    lengths = {"customers": 500, "charges": 70}
    parts = {"customers": [position(reached=OLDEST, listed=120)], "charges": [], "refunds": []}
    assert rest_of(parts, lengths) == Rest(objects=380 + 70, lists=2, unknown=1)
    # What is new in a list says nothing of the whole.
    assert rest_of({"customers": [position(since=UNTIL - 600)]}, lengths).unknown == 1


@pytest.mark.django_db(transaction=True)
def test_the_length_of_a_list_is_that_of_its_last_whole_reading(fake_stripe, settings, django_assert_num_queries):
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    assert lengths_of_lists("", None) == {}
    for kind, count in (("customer", 250), ("product", 3)):
        for _ in range(count):
            fake_stripe.create(kind, silent=True)

    def run(*names, **options):
        call_command("stripe_sync", *names, stdout=StringIO(), verbosity=0, **options)

    run("customer", "product", threads=4)
    fake_stripe.create("customer", silent=True)
    run("customer", "product")
    run("customer", until=timezone.now(), full=True)
    livemode = BackfillPosition.objects.first().backfill.livemode
    with django_assert_num_queries(2):
        lengths = lengths_of_lists("", livemode)
    assert (lengths["customers"], lengths["products"]) == (250, 3)


def test_a_run_says_how_long_the_rest_takes():
    from pinax.stripe.management.commands.stripe_sync import Report

    report = Report(is_dry=False)
    report.began = time.monotonic() - 10
    under_way = position(reached=UNTIL - 250_000, listed=1000)
    for each in (DONE, under_way):
        report.add(SimpleNamespace(listed=SimpleNamespace(name=each.list_name), position=each), "")
    said = report.rest(["products", "customers", "charges"], "", {})
    assert said == ", about 0:00:30 left in 1 list and 1 of unknown length"
    assert report.rest(["products"], "", {}) == ""
