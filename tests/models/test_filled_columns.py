"""New columns are read from the objects that rows have already."""

import datetime

import pytest
import pytz
from django.db import connection
from django.db.migrations.state import ProjectState

from pinax.stripe.migrations import _columns
from pinax.stripe.migrations._columns import fill_columns
from pinax.stripe.models import Charge, PaymentMethod
from pinax.stripe.testing import build_object
from tests.assertions import assert_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=pytz.utc)
CHARGES = fill_columns("Charge", "balance_transaction", "outcome_type", "transfer_group", "risk_score")


class Killed(BaseException):
    pass


@pytest.fixture
def carry_out():
    from django.apps import apps

    state = ProjectState.from_apps(apps)

    def carry_out(operation):
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("pinax_stripe", editor, state, state)

    return carry_out


def row(model, stripe_id, data, account="", **columns):
    """A row that a release without the columns wrote."""
    key = f"{account}/{stripe_id}" if account else stripe_id
    moments = {"as_of": NOON, "as_of_end": NOON}
    return model.all_objects.create(
        id=key, stripe_id=stripe_id, stripe_account=account, stripe_data=data, **moments, **columns
    )


def charge(stripe_id, **fields):
    return build_object("charge", id=stripe_id, **fields)


def test_columns_are_read_from_what_the_row_has(carry_out):
    row(Charge, "ch_1", charge("ch_1", balance_transaction="txn_1", transfer_group="order 7"), version=3)
    row(Charge, "ch_1", charge("ch_1", balance_transaction="txn_1"), account="acct_1", deleted_at=NOON)
    before = dict(Charge.all_objects.values_list("pk", "synced_at"))
    carry_out(CHARGES)
    rows = Charge.all_objects.in_bulk()
    expected = {"balance_transaction_id": "txn_1", "outcome_type": "authorized", "transfer_group": "order 7"}
    assert_row(rows["ch_1"], version=3, description="", **expected)
    assert_row(rows["acct_1/ch_1"], balance_transaction_id="acct_1/txn_1", transfer_group="", deleted_at=NOON)
    # It is none of Stripe's news.
    assert {key: found.synced_at for key, found in rows.items()} == before


def test_what_an_object_says_nothing_of_stays(carry_out):
    bare = {"id": "ch_1", "object": "charge"}
    row(Charge, "ch_1", bare, balance_transaction_id="txn_1", transfer_group="order 7")
    row(Charge, "ch_2", {})
    carry_out(CHARGES)
    assert_row(Charge.objects.get(pk="ch_1"), balance_transaction_id="txn_1", transfer_group="order 7", risk_score=None)


def test_columns_that_are_read_in_more_places_now_are_filled_too(carry_out):
    sepa = {"last4": "3000", "country": "DE", "fingerprint": "print", "bank_code": "37040044"}
    data = build_object("payment_method", id="pm_1", type="sepa_debit", card=None, sepa_debit=sepa)
    row(PaymentMethod, "pm_1", data, type="sepa_debit")
    carry_out(fill_columns("PaymentMethod", "bank_name", "country", "fingerprint", "last4"))
    assert_row(PaymentMethod.objects.get(), last4="3000", country="DE", fingerprint="print", bank_name="37040044")


def test_a_run_that_was_killed_goes_on_when_it_is_started_again(carry_out, monkeypatch):
    for number in range(5):
        row(Charge, f"ch_{number}", charge(f"ch_{number}", transfer_group=str(number)))
    monkeypatch.setattr(_columns, "BATCH_ROWS", 2)
    read, seen = _columns.values_of, []

    def killed_at_the_fourth(model_name, found, names):
        seen.append(found.pk)
        if len(seen) == 4:
            raise Killed
        return read(model_name, found, names)

    monkeypatch.setattr(_columns, "values_of", killed_at_the_fourth)
    with pytest.raises(Killed):
        carry_out(CHARGES)
    assert [found.transfer_group for found in Charge.objects.order_by("pk")] == ["0", "1", "", "", ""]
    carry_out(CHARGES)
    assert [found.transfer_group for found in Charge.objects.order_by("pk")] == ["0", "1", "2", "3", "4"]
