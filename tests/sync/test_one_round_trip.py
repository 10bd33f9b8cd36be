"""What PostgreSQL decides in one round trip is what `freshness` decides."""

import datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pinax.stripe.models import Coupon, Customer, Subscription
from pinax.stripe.prepared_statements import Statement
from pinax.stripe.statements import fetched
from pinax.stripe.sync.batch_writing import row_snapshot
from pinax.stripe.sync.freshness import KEEP, decide
from pinax.stripe.sync.one_round_trip import keeping_of
from pinax.stripe.sync.snapshots import SyncContext
from pinax.stripe.sync.writing import sync_object
from pinax.stripe.testing import build_object
from tests.promises.processes import NEEDS_POSTGRESQL

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
MODELS = {"coupon": Coupon, "customer": Customer, "subscription": Subscription}


def at(second):
    return START + datetime.timedelta(seconds=second)


def news_of(kind, second, **attributes):
    return row_snapshot(build_object(kind, id="id_1", **attributes), SyncContext(as_of=at(second)))


def answer(writing):
    """The rows that the query returns which stands for the row of the object."""
    query = writing.mirrored
    return fetched(query.using, query.text, query.parameters)


def nothing_more(using):
    return None


@NEEDS_POSTGRESQL
class Kept(TestCase):
    @given(
        kind=st.sampled_from(sorted(MODELS)),
        row=st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()),
        second=st.integers(0, 6),
        says_the_same=st.booleans(),
    )
    def test_a_row_is_kept_where_the_decision_about_it_is_that(self, kind, row, second, says_the_same):
        begin, length, is_deleted = row
        sync_object(build_object(kind, id="id_1", metadata={"a": "1"}), SyncContext(as_of=at(begin)))
        times = {"as_of": at(begin), "as_of_end": at(begin + length)}
        MODELS[kind].all_objects.update(**times, deleted_at=at(begin) if is_deleted else None)
        news = news_of(kind, second, metadata={"a": "1" if says_the_same else "2"})
        row = MODELS[kind].all_objects.get()
        is_kept = decide(news.mirrored, row, news.snapshot) is KEEP
        # What is known of a row that is deleted is left to the decision about the locked row.
        assert answer(keeping_of(news, nothing_more)) == ([(1,)] if is_kept and not is_deleted else [])
        MODELS[kind].all_objects.all().delete()

    def test_without_a_row_nothing_is_kept(self):
        assert answer(keeping_of(news_of("coupon", 1), nothing_more)) == []

    def test_a_row_is_not_kept_without_the_condition(self):
        sync_object(build_object("coupon", id="id_1"), SyncContext(as_of=at(1)))
        news = news_of("coupon", 1)
        for text, rows in (("SELECT 1 WHERE 1 = %s", [(1,)]), ("SELECT 1 WHERE 2 = %s", [])):
            condition = Statement(using="default", text=text, parameters=[1])
            assert answer(keeping_of(news, lambda using, condition=condition: condition)) == rows

    def test_a_list_that_is_cut_short_is_not_told_apart(self):
        data = build_object("subscription", id="sub_1")
        data["items"] = {**data["items"], "has_more": True}
        assert keeping_of(row_snapshot(data, SyncContext(as_of=at(1))), nothing_more) is None
