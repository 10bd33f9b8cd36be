"""Readers are made of a model's columns; only history is code."""

import dataclasses
import datetime

import pytest

from pinax.stripe.catalogue.objects import OBJECT_TYPES
from pinax.stripe.models import Charge, PaymentMethod, Product, Refund
from pinax.stripe.models.payment_methods import CardDetails
from pinax.stripe.sync.reader import SHARED, Reader, columns_below, stripe_columns
from pinax.stripe.sync.readers import HISTORY
from pinax.stripe.sync.registry import READERS, reader_of


def test_a_plain_object_needs_no_code():
    assert Product not in HISTORY
    assert READERS[Product]({"name": "Gold", "default_price": {"id": "price_1"}})["default_price_id"] == "price_1"


def test_what_every_row_has_is_apart_from_what_its_table_adds():
    data = {"created": 1_700_000_000, "metadata": {"a": "b"}, "livemode": False, "amount": 5}
    assert {"livemode", "created_at", "metadata"} == SHARED
    assert SHARED.isdisjoint(READERS[Charge](data))
    assert READERS[Charge].shared(data) == {
        "livemode": False,
        "created_at": datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc),
        "metadata": {"a": "b"},
    }


def test_the_table_of_objects_says_when_one_was_made_where_it_has_no_created():
    row = dataclasses.replace(OBJECT_TYPES["refund"], created="start")
    assert reader_of(row).shared({"start": 1_700_000_000}) == READERS[Refund].shared({"created": 1_700_000_000})


def test_history_takes_the_place_of_a_column_s_own_reading():
    reader = Reader(Charge, {"description": lambda data: data["old"].upper(), "customer": lambda data: "cus_2"})
    row = reader({"description": "new", "old": "older", "amount": 5, "customer": "cus_1"})
    assert (row["description"], row["amount"], row["customer_id"]) == ("OLDER", 5, "cus_2")


@pytest.mark.parametrize("name", ["colour", "stripe_data", "as_of", "customer_id"])
def test_history_of_no_column_is_an_error(name):
    with pytest.raises(ValueError, match=f"Charge has no columns .*{name}"):
        Reader(Charge, {name: lambda data: None})


def test_columns_of_a_part_of_the_object():
    history = columns_below(CardDetails, lambda data: data["card"], ("card",))
    assert history.keys() == {column.name for column in stripe_columns(CardDetails)}
    row = Reader(PaymentMethod, history)({"type": "card", "card": {"last4": "4242", "type": "Visa"}})
    assert (row["type"], row["last4"], row["brand"]) == ("card", "4242", "Visa")
    assert Reader(PaymentMethod, history).untold({"type": "card", "card": None}).isdisjoint({"last4", "brand"})
    assert Reader(PaymentMethod, history).untold({"type": "card"}).issuperset({"last4", "brand"})


class Everything(dict):
    """An object that has every key, each with the same value."""

    def __init__(self, value):
        self.value = value

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return self.value

    def get(self, key, default=None):
        return self.value


@pytest.mark.parametrize("reader", READERS.values(), ids=lambda reader: reader.model.__name__)
@pytest.mark.parametrize(
    "data", [{}, Everything(None), Everything([]), Everything({})], ids=["absent", "null", "[]", "{}"]
)
def test_what_is_absent_null_or_of_another_kind_is_blank(reader, data):
    blank = {column.attname: column.get_default() for column in reader.model._meta.concrete_fields}
    read = reader(data)
    assert read == {name: blank[name] for name in read}
