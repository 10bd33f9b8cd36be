"""Rows move out of the general table when their type of object gets a table of its own, and back.

Coupons and subscriptions have had theirs from the beginning: here their rows are in the general one first.
"""

import datetime
import io
from unittest.mock import patch

import pytest
import pytz
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations, transaction
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from pinax.stripe.migrations import _moves
from pinax.stripe.migrations._indexes import no_like_indexes
from pinax.stripe.migrations._moves import move_rows
from pinax.stripe.models import Coupon, Event, OtherObject, Subscription, SubscriptionItem
from pinax.stripe.models.mirror import mirror_key
from pinax.stripe.models.other_objects import other_key
from pinax.stripe.testing import build_object, post_event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=pytz.utc)
COUPONS = move_rows("coupon", "Coupon")
SUBSCRIPTIONS = move_rows("subscription", "Subscription")
#: What any row of the mirror knows, besides its key.
SHARED = ("stripe_id", "stripe_account", "livemode", "created_at", "metadata", "stripe_data", "as_of", "as_of_end")
SHARED += ("version", "deleted_at", "synced_at")


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def state():
    """The models as migrations have them."""
    return ProjectState.from_apps(apps)


@pytest.fixture
def carry_out(state):
    """Carry an operation out, as a migration with `atomic = False` does; `of` is the state of its models."""

    def carry_out(operation, *, backwards=False, of=state, atomic=False):
        with connection.schema_editor(atomic=atomic) as editor:
            do = operation.database_backwards if backwards else operation.database_forwards
            do("pinax_stripe", editor, of, of)

    return carry_out


def after(seconds):
    return NOON + datetime.timedelta(seconds=seconds)


def general(object_type, stripe_id, *, account="", seconds=0, until=None, **columns):
    """A row of the general table, true `seconds` after noon."""
    data = columns.pop("stripe_data", None) or build_object(object_type, id=stripe_id)
    return OtherObject.all_objects.create(
        **{
            "id": mirror_key(other_key(object_type, stripe_id), account),
            "stripe_id": stripe_id,
            "stripe_account": account,
            "object_type": object_type,
            "livemode": True,
            "stripe_data": data,
            "as_of": after(seconds),
            "as_of_end": after(seconds if until is None else until),
            **columns,
        }
    )


def coupon(stripe_id, *, percent_off=None, seconds=0, until=None, account="", deleted=False):
    """A row of the coupons' own table."""
    data = build_object("coupon", id=stripe_id, percent_off=percent_off)
    return Coupon.all_objects.create(
        id=mirror_key(stripe_id, account),
        stripe_id=stripe_id,
        stripe_account=account,
        stripe_data=data,
        percent_off=percent_off,
        as_of=after(seconds),
        as_of_end=after(seconds if until is None else until),
        deleted_at=after(seconds) if deleted else None,
    )


def of_percent(stripe_id, percent_off):
    return build_object("coupon", id=stripe_id, percent_off=percent_off)


def shared(row):
    return {name: getattr(row, name) for name in SHARED}


def test_every_kind_of_row_moves_with_all_that_it_knows(carry_out):
    before = [
        general("coupon", "plain", stripe_data=of_percent("plain", 25), metadata={"a": "b"}, version=7),
        general("coupon", "plain", account="acct_1", stripe_data=of_percent("plain", 50)),
        general("coupon", "test", livemode=False),
        general("coupon", "mode-unknown", livemode=None),
        general("coupon", "fetched", seconds=5, until=9),
        general("coupon", "gone", deleted_at=NOON),
        general("coupon", "stub", deleted_at=NOON, stripe_data={"id": "stub", "object": "coupon", "deleted": True}),
        general("coupon", "dated", created_at=after(-60)),
    ]
    # `synced_at` is the time of the last write, which the move is none of.
    OtherObject.all_objects.update(synced_at=after(1))
    stays = general("dispute", "dp_1")
    carry_out(COUPONS)
    assert [row.pk for row in OtherObject.all_objects.all()] == [stays.pk]
    moved = {row.pk: row for row in Coupon.all_objects.all()}
    assert sorted(moved) == sorted(mirror_key(row.stripe_id, row.stripe_account) for row in before)
    for row in before:
        row.synced_at = after(1)
        assert shared(moved[mirror_key(row.stripe_id, row.stripe_account)]) == shared(row)
    assert moved["plain"].percent_off == 25
    assert moved["acct_1/plain"].percent_off == 50
    assert [row.pk for row in Coupon.all_objects.exclude(deleted_at=None).order_by("pk")] == ["gone", "stub"]


def test_references_name_the_rows_of_the_same_account(carry_out):
    general("subscription", "sub_1", stripe_data=build_object("subscription", id="sub_1", customer="cus_1"))
    theirs = build_object("subscription", id="sub_1", customer="cus_1")
    general("subscription", "sub_1", account="acct_1", stripe_data=theirs)
    carry_out(SUBSCRIPTIONS)
    assert Subscription.objects.get(pk="sub_1").customer_id == "cus_1"
    assert Subscription.objects.get(pk="acct_1/sub_1").customer_id == "acct_1/cus_1"


@pytest.mark.parametrize("account", ["", "acct_1"])
def test_parts_get_rows_that_name_their_owner(carry_out, account):
    data = build_object("subscription", id="sub_1")
    (item,) = data["items"]["data"]
    general("subscription", "sub_1", account=account, stripe_data=data, livemode=False)
    general("subscription", "sub_2", stripe_data=build_object("subscription", id="sub_2"), deleted_at=NOON)
    carry_out(SUBSCRIPTIONS)
    row = SubscriptionItem.objects.get()
    assert (row.pk, row.subscription_id) == (mirror_key(item["id"], account), mirror_key("sub_1", account))
    assert (row.livemode, row.as_of) == (False, NOON)
    assert SubscriptionItem.all_objects.exclude(deleted_at=None).get().subscription_id == "sub_2"


def test_parts_that_a_newer_row_lacks_are_gone(carry_out):
    old, new = (build_object("subscription", id="sub_1") for _ in range(2))
    general("subscription", "sub_1", stripe_data=old)
    carry_out(SUBSCRIPTIONS)
    general("subscription", "sub_1", seconds=9, stripe_data=new)
    carry_out(SUBSCRIPTIONS)
    assert SubscriptionItem.objects.get().stripe_id == new["items"]["data"][0]["id"]
    assert SubscriptionItem.all_objects.get(stripe_id=old["items"]["data"][0]["id"]).deleted_at == after(9)


def test_without_a_table_of_parts_the_object_moves(carry_out, state):
    general("subscription", "sub_1")
    without = state.clone()
    without.rename_model("pinax_stripe", "subscriptionitem", "PartOfAnotherName")
    carry_out(SUBSCRIPTIONS, of=without)
    assert Subscription.objects.get().stripe_id == "sub_1"
    assert not SubscriptionItem.all_objects.exists()


def test_columns_that_a_later_release_added_are_left_out(carry_out, state):
    """The migration runs again, at the first installation of that release, before the column is there."""
    data = build_object("coupon", id="c", percent_off=25, redeem_by=1_900_000_000)
    general("coupon", "c", stripe_data=data)
    earlier = state.clone()
    earlier.remove_field("pinax_stripe", "coupon", "redeem_by")
    carry_out(COUPONS, of=earlier)
    row = Coupon.objects.get()
    assert (row.percent_off, row.redeem_by) == (25, None)


@pytest.mark.parametrize(
    ("there", "stays"),
    [
        ({"seconds": 9}, True),
        ({"seconds": -9}, False),
        # A tie that Stripe alone could tell: the one that wins it in the mirror, too.
        ({"seconds": -9, "until": 9}, True),
        ({"seconds": 9, "deleted": True}, True),
        ({"seconds": 0, "deleted": True}, True),
    ],
    ids=["newer", "older", "perhaps newer", "deleted later", "deleted in the same second"],
)
def test_a_row_that_is_there_stays_unless_the_moved_one_is_newer(carry_out, there, stays):
    general("coupon", "c", stripe_data=of_percent("c", 25))
    coupon("c", percent_off=50, **there)
    before = Coupon.all_objects.get()
    carry_out(COUPONS)
    row = Coupon.all_objects.get()
    assert not OtherObject.all_objects.exists()
    assert row.percent_off == (50 if stays else 25)
    assert row.version == (before.version if stays else before.version + 1)
    assert row.deleted_at == before.deleted_at


def test_a_newer_row_leaves_the_columns_of_which_it_says_nothing(carry_out):
    general("coupon", "c", seconds=9, stripe_data={"id": "c", "object": "coupon", "name": "Summer"})
    coupon("c", percent_off=50)
    carry_out(COUPONS)
    row = Coupon.objects.get()
    assert (row.name, row.percent_off, row.as_of) == ("Summer", 50, after(9))


def test_a_deletion_that_moves_wins(carry_out):
    general("coupon", "c", seconds=9, deleted_at=after(9))
    coupon("c")
    carry_out(COUPONS)
    assert Coupon.all_objects.get().deleted_at == after(9)


def test_thousands_of_rows_move_in_batches_of_one_transaction_each(carry_out):
    OtherObject.all_objects.bulk_create(
        [
            OtherObject(
                id=f"coupon:{number}",
                stripe_id=str(number),
                object_type="coupon",
                stripe_data={"id": str(number), "object": "coupon", "percent_off": 25},
                as_of=NOON,
                as_of_end=NOON,
            )
            for number in range(2500)
        ]
    )
    sizes = []
    take = _moves.Target.take

    def counted(target, batch):
        assert connection.in_atomic_block
        sizes.append(len(batch))
        take(target, batch)

    with patch.object(_moves.Target, "take", counted):
        carry_out(COUPONS)
    assert sizes == [*[_moves.BATCH_ROWS] * 12, 100]
    assert Coupon.objects.filter(percent_off=25).count() == 2500
    assert not OtherObject.all_objects.exists()


@pytest.mark.parametrize("backwards", [False, True], ids=["out", "back"])
def test_what_was_killed_goes_on_where_it_stopped(carry_out, monkeypatch, backwards):
    """Before each statement in turn."""
    monkeypatch.setattr(_moves, "BATCH_ROWS", 2)
    ids = [f"c{number}" for number in range(5)]
    for statement in range(100):
        Coupon.all_objects.all().delete()
        OtherObject.all_objects.all().delete()
        for stripe_id in ids:
            coupon(stripe_id) if backwards else general("coupon", stripe_id)
        left = [statement]

        def kill(execute, *arguments, left=left):
            if not left[0]:
                raise Killed
            left[0] -= 1
            return execute(*arguments)

        try:
            with connection.execute_wrapper(kill):
                carry_out(COUPONS, backwards=backwards)
        except Killed:
            rows = [*Coupon.all_objects.all(), *OtherObject.all_objects.all()]
            assert sorted(row.stripe_id for row in rows) == ids
            carry_out(COUPONS, backwards=backwards)
        else:
            break
        there, empty = (OtherObject, Coupon) if backwards else (Coupon, OtherObject)
        assert sorted(there.all_objects.values_list("stripe_id", flat=True)) == ids
        assert not empty.all_objects.exists()
    assert 15 < statement < 100


def test_what_workers_of_the_release_before_write_meanwhile_moves_too(carry_out, monkeypatch):
    monkeypatch.setattr(_moves, "BATCH_ROWS", 1)
    general("coupon", "a", stripe_data=of_percent("a", 10))
    general("coupon", "b")
    take = _moves.Target.take

    def while_others_write(target, batch):
        if batch[0].stripe_id == "b":
            # "a" has moved; a worker that does not know of the new table gets news of it.
            general("coupon", "a", seconds=9, stripe_data=of_percent("a", 20))
        take(target, batch)

    with patch.object(_moves.Target, "take", while_others_write):
        carry_out(COUPONS)
    assert not OtherObject.all_objects.exists()
    assert Coupon.objects.get(pk="a").percent_off == 20


def test_the_sweeper_moves_what_workers_of_the_release_before_wrote_later(fake_stripe):
    """Until they are restarted they do not know of the new table."""
    general("coupon", "newer", seconds=9, stripe_data=of_percent("newer", 25))
    general("coupon", "older", seconds=-9, stripe_data=of_percent("older", 25))
    stays = general("hologram", "h_1")
    for stripe_id in ("newer", "older"):
        coupon(stripe_id, percent_off=50)
    call_command("stripe_process_events", stdout=io.StringIO())
    assert [row.pk for row in OtherObject.all_objects.all()] == [stays.pk]
    assert {row.pk: row.percent_off for row in Coupon.objects.all()} == {"newer": 25, "older": 50}
    with CaptureQueriesContext(connection) as queries:
        assert _moves.move_rows_left_behind("default") == 0
    assert len(queries) == 1


def test_rows_move_back_with_all_that_they_know(carry_out):
    rows = [
        coupon("plain", percent_off=25),
        coupon("plain", account="acct_1"),
        coupon("gone", deleted=True),
    ]
    data = build_object("subscription", id="sub_1", customer="cus_1", status="active")
    general("subscription", "sub_1", account="acct_1", stripe_data=data)
    carry_out(SUBSCRIPTIONS)
    for operation in (SUBSCRIPTIONS, COUPONS):
        carry_out(operation, backwards=True)
    assert not Coupon.all_objects.exists()
    assert not Subscription.all_objects.exists()
    general_rows = {row.pk: row for row in OtherObject.all_objects.all()}
    for row in rows:
        key = mirror_key(other_key("coupon", row.stripe_id), row.stripe_account)
        assert shared(general_rows[key]) == shared(row)
        assert general_rows[key].object_type == "coupon"
    row = general_rows["acct_1/subscription:sub_1"]
    assert (row.status, row.customer_id) == ("active", "acct_1/cus_1")


def test_nothing_is_read_from_stripe_and_an_event_finds_the_row(carry_out, fake_stripe, client):
    """An event names the object by type and id, whichever table has its row."""
    fake_stripe.create("coupon", id="c", percent_off=25)
    event = fake_stripe.events[-1]
    post_event(client, event)
    carry_out(COUPONS, backwards=True)
    fake_stripe.reset_requests()
    carry_out(COUPONS)
    assert fake_stripe.calls() == 0
    assert Event.objects.get().mirrored_object == Coupon.objects.get()


def test_without_rows_to_move_no_classes_of_models_are_made():
    """They take most of a second, and a new project migrates through all types."""
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        COUPONS.database_forwards("pinax_stripe", editor, state, state)
    assert "apps" not in state.__dict__


def test_a_migration_that_would_lock_all_rows_at_once_is_refused(carry_out):
    general("coupon", "c")
    with pytest.raises(RuntimeError, match="atomic = False"):
        carry_out(COUPONS, atomic=True)
    assert OtherObject.all_objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has such indexes")
def test_a_new_table_has_no_indexes_for_like(state):
    operation = migrations.CreateModel(
        "Gadget", [*[(field.name, field.clone()) for field in Coupon._meta.local_fields]], options={}
    )
    later = state.clone()
    operation.state_forwards("pinax_stripe", later)
    with transaction.atomic(), connection.schema_editor() as editor:
        operation.database_forwards("pinax_stripe", editor, state, later)
        no_like_indexes("Gadget").database_forwards("pinax_stripe", editor, later, later)
        statements = [str(statement) for statement in editor.deferred_sql]
        editor.deferred_sql.clear()
        transaction.set_rollback(True)
    assert len(statements) == 1
    assert '("stripe_id")' in statements[0]
