"""Columns that say where Stripe's JSON has their value, and how it is read."""

import datetime
import re
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from pinax.stripe.models import Charge, Coupon, CreditNoteLineItem, Customer, Invoice, MirroredObject, Price, fields

MIRRORED = [model for model in apps.get_app_config("pinax_stripe").get_models() if issubclass(model, MirroredObject)]
COLUMNS = [column for model in MIRRORED for column in model._meta.concrete_fields]
KINDS = [kind for kind in vars(fields).values() if isinstance(kind, type) and hasattr(kind, "migrated_as")]
#: What the mirror keeps about every row, and what no object of Stripe's says.
OURS = {
    *("id", "stripe_id", "stripe_account", "stripe_data"),
    *("as_of", "as_of_end", "version", "synced_at", "deleted_at", "user", "position"),
    *("authorized_at", "deauthorized_at"),
}


def label(column):
    return f"{column.model.__name__}.{column.name}"


def test_every_column_that_stripe_fills_says_how():
    plain = {label(column) for column in COLUMNS if not isinstance(column, fields.StripeColumn)}
    assert {name for name in plain if name.partition(".")[2] not in OURS} == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_migrations_know_django_s_own_classes(kind):
    """A class of ours in a migration would have to stay forever, and `source` has nothing to do with the database."""
    given = ("pinax_stripe.Customer",) if kind is fields.SoftForeignKey else ()
    column = kind(*given, source="a.b", **({"most": 9} if issubclass(kind, fields.CountColumn) else {}))
    _name, path, args, kwargs = column.deconstruct()
    assert path.startswith(("django.db.models.", "pinax.stripe.models.decimals.", "pinax.stripe.models.mirror."))
    assert {"source", "currency", "most"}.isdisjoint(kwargs)
    assert kind(*args, **kwargs).deconstruct()[1:] == (path, args, kwargs)


#: Parts whose amounts are in the currency of what they are parts of, and what refers to it.
OF_THE_WHOLE = {CreditNoteLineItem: "credit_note"}


@pytest.mark.parametrize("column", [column for column in COLUMNS if isinstance(column, fields.AmountColumn)], ids=label)
def test_an_amount_knows_the_column_of_its_currency(column):
    model = column.model
    model = model._meta.get_field(OF_THE_WHOLE[model]).related_model if model in OF_THE_WHOLE else model
    try:
        currency = model._meta.get_field(column.currency)
    except FieldDoesNotExist:
        pytest.fail(f"{label(column)} would be shown without a currency")
    assert isinstance(currency, fields.CurrencyField)


def test_a_plain_number_is_no_amount():
    """2000 of an amount that says it is a number would be shown as 2,000 instead of 20.00."""
    numbers = [column for column in COLUMNS if type(column) is fields.NumberField]
    money = re.compile("amount|balance|fee|total|price|paid|tax")
    assert [label(column) for column in numbers if money.search(column.name)] == []


def read(model, name, data):
    return model._meta.get_field(name).read(data)


def test_a_value_is_where_the_column_s_name_is():
    assert read(Charge, "amount", {"amount": 2000}) == 2000
    assert read(Charge, "customer", {"customer": {"id": "cus_1", "object": "customer"}}) == "cus_1"


def test_a_value_may_be_inside_another():
    assert read(Invoice, "paid_at", {"status_transitions": {"paid_at": 1}}) == datetime.datetime(
        1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc
    )
    assert read(Invoice, "paid_at", {"status_transitions": None}) is None


@pytest.mark.parametrize(
    ("data", "balance"),
    [
        ({"balance": 0, "account_balance": 5}, 0),
        ({"account_balance": 5}, 5),
        ({"balance": None, "account_balance": 5}, 5),
        ({"balance": "5", "account_balance": 5}, 5),
        ({}, None),
    ],
)
def test_a_field_with_several_places_reads_the_first_usable_one(data, balance):
    assert read(Customer, "balance", data) == balance


def test_false_is_something():
    assert read(Charge, "paid", {"paid": False}) is False


@pytest.mark.parametrize("value", [None, [], {}, "", True, "text", 1.5, "9" * 400])
def test_what_is_of_another_kind_is_nothing(value):
    assert read(Charge, "amount", {"amount": value}) is None
    assert read(Charge, "created_at", {"created": value}) is None


def test_every_mapping_is_one_of_its_own():
    one, other = read(Charge, "metadata", {}), read(Charge, "metadata", {"metadata": []})
    assert one == other == {}
    assert one is not other


def test_a_count_has_a_limit():
    column = fields.CountField(most=12)
    assert [column.converted(value) for value in (-1, 0, 12, 13)] == [None, 0, 12, None]


def test_decimals_fit_their_columns():
    assert read(Coupon, "percent_off", {"percent_off": 12.5}) == Decimal("12.5")
    assert read(Coupon, "percent_off", {"percent_off": 1000}) is None
    assert read(Price, "unit_amount_decimal", {"unit_amount_decimal": "0.000000000001"}) == Decimal("1E-12")


def test_a_column_is_the_same_in_every_table_that_inherits_it():
    assert isinstance(Charge._meta.get_field("amount"), models.BigIntegerField)
    assert Charge._meta.get_field("created_at").paths == ("created", "date")
