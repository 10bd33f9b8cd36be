"""`stripe_rebuild` makes of the objects in the rows what events made of them."""

import time
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.migrations._columns import fill_columns
from pinax.stripe.models import Charge, Customer, Invoice, MirroredObject, TableReading
from pinax.stripe.sync import revisions
from pinax.stripe.sync.reader import stripe_columns
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object, post_event
from pinax.stripe.upkeep import health, rebuilding
from pinax.stripe.upkeep.findings import Level, Thresholds

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


def test_a_rebuild_that_was_killed_goes_on_at_its_position(mirror, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH_ROWS", 1)
    batches = rebuilding.rebuild(Customer)
    next(batches)
    next(batches)
    batches.close()
    Customer.all_objects.update(email="")  # Those that are done are not looked at again.
    assert rebuild("customer")[0] == "Customer: 2 of 4 rows changed."
    assert TableReading.objects.get(table="Customer").position == ""
    assert rebuild("customer")[0] == "Customer: 2 of 4 rows changed."


def test_a_rebuild_of_another_release_begins_anew(mirror, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH_ROWS", 1)
    batches = rebuilding.rebuild(Customer)
    next(batches)
    batches.close()
    Customer.all_objects.update(email="")
    monkeypatch.setattr(revisions, "READ_BETTER", {("Customer", "email"): 1})
    assert rebuild("customer")[0] == "Customer: 4 of 4 rows changed."


def migrated():
    """What `migrate` prints of tables that are to be read anew."""
    out = StringIO()
    call_command("migrate", stdout=out, verbosity=1)
    return [line for line in out.getvalue().splitlines() if "stripe_rebuild" in line]


def findings():
    return {found.name: found for found in health.health_report(Thresholds.configured())}


def test_migrate_and_health_say_that_a_rebuild_is_due_until_it_is_done(client, mirror, monkeypatch):
    post_event(client, mirror.emit("customer.updated", "cus_1"))
    assert migrated() == []
    monkeypatch.setattr(revisions, "READ_BETTER", {("Charge", "amount"): 1})
    assert migrated() == ["This release reads more from Stripe's objects. Run: manage.py stripe_rebuild charge"]
    assert findings()["rebuild"].level is Level.WARNING
    assert "1 tables" in findings()["rebuild"].summary
    rebuild("customer")
    assert "rebuild" in findings()
    rebuild("charge")
    assert "rebuild" not in findings()
    assert migrated() == []


def test_a_column_that_is_new_makes_a_rebuild_due_unless_its_migration_fills_it(mirror):
    migrated()
    reading = TableReading.objects.get(table="Charge")
    columns = {name: places for name, places in reading.columns.items() if name not in ("amount", "customer_id")}
    TableReading.objects.filter(pk=reading.pk).update(columns=columns)
    assert len(migrated()) == 1
    fill = fill_columns("Charge", "amount", "customer")
    with connection.schema_editor() as editor:
        fill.code(apps, editor)
    assert migrated() == []


def test_a_table_that_is_new_has_no_rows_that_an_earlier_release_read(db):
    TableReading.objects.all().delete()
    assert migrated() == []
    assert set(TableReading.objects.values_list("table", flat=True)) == {model.__name__ for model in READERS}
    assert not TableReading.objects.filter(is_due=True).exists()
