"""`stripe_rebuild` makes of the objects in the rows what events made of them."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import Charge, Customer, Invoice, MirroredObject
from pinax.stripe.sync.reader import stripe_columns
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from pinax.stripe.upkeep import rebuilding

pytestmark = pytest.mark.django_db(transaction=True)
#: What says nothing of the object.
CLOCKS = {"synced_at"}


def rows():
    """All rows of the mirror, by table and key."""
    return {
        (model.__name__, row.pop("pk")): {name: value for name, value in row.items() if name not in CLOCKS}
        for model in MirroredObject.__subclasses__()
        for row in map(values_of, model.all_objects.all())
    }


def values_of(row):
    return {"pk": row.pk, **{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}}


def rebuild(*names):
    out = StringIO()
    call_command("stripe_rebuild", *names, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def mirror(fake_stripe, settings):
    """Rows of all types."""
    settings.PINAX_STRIPE_API_RATE = 10_000
    fake_stripe.now = int(time.time())
    for row in OBJECT_TYPES.values():
        if row.path and row.model and not row.parents:
            fake_stripe.create(row.name, silent=True)
    for number in range(3):
        fake_stripe.create("customer", silent=True, id=f"cus_{number}", email=f"{number}@example.com")
    call_command("stripe_sync", stdout=StringIO(), verbosity=0)
    return fake_stripe


def damage(model):
    """Empty the columns that are read from the objects of a table; the mode of some is that of their event."""
    columns = [column for column in stripe_columns(model) if column.attname not in {*rebuilding.KEPT, "livemode"}]
    for row in model.all_objects.all():
        untold = READERS[model].untold(row.stripe_data)
        told = {column.attname: column.get_default() for column in columns if column.attname not in untold}
        model.all_objects.filter(pk=row.pk).update(**told)


def test_the_result_equals_what_was_there(mirror):
    before = rows()
    for model in READERS:
        damage(model)
    assert rows() != before
    lines = rebuild()
    assert rows() == before
    assert "Customer: 4 of 4 rows changed." in lines
    assert rebuild() == [f"Read {len(before)} rows anew: 0 changed."]


def test_types_can_be_named(mirror):
    Customer.all_objects.update(email="")
    Charge.all_objects.update(amount=None)
    assert rebuild("customer")[0] == "Customer: 4 of 4 rows changed."
    assert not Charge.all_objects.exclude(amount=None).exists()


def test_a_name_of_no_type_is_refused(db):
    with pytest.raises(CommandError, match="No table is for the type 'custommer'"):
        rebuild("custommer")


def test_what_an_object_does_not_say_stays(mirror):
    """An older shape has no `charge`; what a newer one said is there."""
    invoice = Invoice.all_objects.get()
    data = {name: value for name, value in invoice.stripe_data.items() if name != "hosted_invoice_url"}
    Invoice.all_objects.update(stripe_data=data, hosted_invoice_url="https://invoice.example/1")
    rebuild("invoice")
    assert Invoice.all_objects.get().hosted_invoice_url == "https://invoice.example/1"


def test_a_row_whose_list_is_cut_short_stays_and_is_counted(mirror):
    refunds = {"object": "list", "data": [build_object("refund")], "has_more": True}
    charge = Charge.all_objects.get()
    Charge.all_objects.update(stripe_data={**charge.stripe_data, "refunds": refunds}, amount=7)
    lines = rebuild("charge")
    assert lines[-1].startswith("1 rows stay")
    assert Charge.all_objects.get().amount == 7


def test_a_rebuild_goes_batch_by_batch_and_can_be_broken_off(mirror, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH_ROWS", 1)
    Customer.all_objects.update(email="")
    batches = rebuilding.rebuild(Customer)
    next(batches)
    next(batches)
    assert not transaction.get_connection().in_atomic_block
    batches.close()
    assert Customer.all_objects.filter(email="").count() == 2
    assert rebuild("customer")[0] == "Customer: 2 of 4 rows changed."
