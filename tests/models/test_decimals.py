"""Decimals of many digits are exact on every database: kept, found, sorted and counted."""

import importlib
from decimal import Decimal, InvalidOperation

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Avg, Count, DecimalField, F, FloatField, Max, Min, Sum
from django.db.models.functions import Cast
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pinax.stripe.models import Plan, Price
from pinax.stripe.models.decimals import as_text, from_text
from pinax.stripe.testing import build_object

LONG = "12345678901234567890.123456789012"
#: In ascending order; many are one number to a double.
NUMBERS = [
    *("-12345678901234567890.123456789012", "-12345678901234567890.123456789011", "-1.5", "-0.000000000001"),
    *("0", "0.000000000001", "0.1", "0.25", "1000", "1234.567890123456", "1234.567890123457", "99999999999999.99"),
    *("12345678901234567890.123456789011", LONG, "99999999999999999999.999999999999"),
]
decimals = st.decimals(min_value=-(10**20) + 1, max_value=10**20 - 1, places=12)


@given(decimals)
def test_a_text_is_the_number(number):
    assert from_text(as_text(number, 32, 12)) == number


@given(decimals, st.decimals(min_value=-(10**22), max_value=10**22, places=14))
def test_texts_sort_like_the_numbers_also_where_the_other_is_not_one_of_the_column(number, other):
    ours, theirs = as_text(number, 32, 12), as_text(other, 32, 12)
    assert (ours < theirs, ours == theirs) == (number < other, number == other)


def price(number, **fields):
    moment = timezone.now()
    key = "price_none" if number is None else f"price_{number:f}"
    return Price.objects.create(id=key, unit_amount_decimal=number, as_of=moment, as_of_end=moment, **fields)


@pytest.fixture
def prices(db):
    for number in reversed(NUMBERS):
        price(Decimal(number))


@pytest.mark.postgres
def test_every_digit_comes_back(prices):
    found = Price.objects.values_list("id", "unit_amount_decimal")
    assert dict(found) == {f"price_{name}": Decimal(name) for name in NUMBERS}
    assert Price.objects.get(id=f"price_{LONG}").unit_amount_decimal == Decimal(LONG)


@pytest.mark.postgres
@pytest.mark.parametrize("position", range(len(NUMBERS)))
def test_each_decimal_is_found_and_the_others_are_on_the_right_side_of_it(prices, position):
    number = Decimal(NUMBERS[position])

    def names(**lookup):
        found = Price.objects.filter(**lookup).order_by("unit_amount_decimal")
        return [price.id.removeprefix("price_") for price in found]

    assert names(unit_amount_decimal=number) == [NUMBERS[position]]
    assert names(unit_amount_decimal__in=[number, Decimal("7")]) == [NUMBERS[position]]
    assert names(unit_amount_decimal__lt=number) == NUMBERS[:position]
    assert names(unit_amount_decimal__gte=number) == NUMBERS[position:]
    assert names(unit_amount_decimal__range=(number, Decimal("1e19"))) == [
        name for name in NUMBERS[position:] if Decimal(name) <= Decimal("1e19")
    ]


@pytest.mark.postgres
def test_filters_by_what_the_column_cannot_hold_are_right_too(prices):
    count = Price.objects.filter
    assert count(unit_amount_decimal__gt=Decimal("0.0000000000006")).count() == len(NUMBERS) - 5
    assert count(unit_amount_decimal__lt=Decimal("1e30")).count() == len(NUMBERS)
    assert count(unit_amount_decimal__lt=Decimal("-1e30")).count() == 0
    assert count(unit_amount_decimal=Decimal("0.1000000000000000001")).count() == 0


@pytest.mark.postgres
def test_the_database_calculates_with_decimals(db):
    for number in ("0.5", "2.25", "4"):
        price(Decimal(number), unit_amount=4)
    found = Price.objects.aggregate(
        most=Max("unit_amount_decimal"), least=Min("unit_amount_decimal"), sum=Sum("unit_amount_decimal")
    )
    assert found == {"most": 4, "least": Decimal("0.5"), "sum": Decimal("6.75")}
    assert Price.objects.aggregate(mean=Avg("unit_amount_decimal"))["mean"] == Decimal("2.25")
    twice = Price.objects.annotate(twice=F("unit_amount_decimal") * Decimal(2)).get(id="price_2.25")
    assert twice.twice == Decimal("4.5")
    assert Price.objects.values("unit_amount_decimal").annotate(n=Count("*")).count() == 3
    as_float = Cast("unit_amount_decimal", FloatField())
    assert Price.objects.annotate(exact=as_float).get(unit_amount=F("exact")).id == "price_4"


def test_what_django_would_refuse_is_refused(db):
    with pytest.raises(InvalidOperation):
        price(Decimal("1e20"))


def test_an_update_and_a_fresh_read_agree(db):
    row = price(None)
    Price.objects.filter(pk=row.pk).update(unit_amount_decimal=Decimal("0.0000000000015"))
    row.refresh_from_db()
    assert row.unit_amount_decimal == Decimal("0.000000000002")


@pytest.mark.postgres
@pytest.mark.parametrize(("kind", "name"), [("price", "unit_amount_decimal"), ("plan", "amount_decimal")])
def test_the_amount_of_an_event_is_exact(client, fake_stripe, transactional_db, kind, name):
    fake_stripe.emit(f"{kind}.created", build_object(kind, id="x_1", **{name: LONG}))
    fake_stripe.deliver_to(client)
    assert getattr({"price": Price, "plan": Plan}[kind].objects.get(), name) == Decimal(LONG)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases have decimals")
class TestRowsOfEarlierReleases:
    """SQLite has numbers in them; the migration writes the texts."""

    migration = importlib.import_module("pinax.stripe.migrations.0010_exact_decimals")

    def run(self, function):
        with connection.schema_editor(atomic=False) as editor:
            getattr(self.migration, function)(apps, editor)

    def types(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT typeof(unit_amount_decimal) FROM pinax_stripe_price")
            return {kind for (kind,) in cursor.fetchall()}

    @pytest.fixture
    def earlier(self, transactional_db, monkeypatch):
        """Rows as a DecimalField wrote them."""
        monkeypatch.setattr(self.migration, "BATCH", 2)
        moment = timezone.now()
        told = {"price_1": LONG, "price_2": "0.5", "price_3": None, "price_4": "19.99", "price_5": "nonsense"}
        Price.objects.bulk_create(
            Price(id=key, stripe_data={"unit_amount_decimal": value}, as_of=moment, as_of_end=moment)
            for key, value in told.items()
        )
        with connection.cursor() as cursor:
            for key, value in {"price_1": LONG, "price_2": "0.5", "price_4": "1999", "price_5": "3.25"}.items():
                cursor.execute("UPDATE pinax_stripe_price SET unit_amount_decimal = %s WHERE id = %s", [value, key])
        assert self.types() == {"integer", "real", "null"}

    def amounts(self):
        return dict(Price.objects.order_by("id").values_list("id", "unit_amount_decimal"))

    def test_rows_of_a_decimal_field_can_be_read(self, earlier):
        assert self.amounts()["price_1"] == Decimal("12345678901234600000")
        assert self.amounts()["price_2"] == Decimal("0.5")

    def test_rows_of_a_decimal_field_are_made_exact_from_the_object(self, earlier):
        self.run("to_texts")
        assert self.types() == {"text", "null"}
        assert self.amounts() == {
            "price_1": Decimal(LONG),
            "price_2": Decimal("0.5"),
            "price_3": None,
            "price_4": Decimal("19.99"),
            "price_5": Decimal("3.25"),
        }

    def test_the_way_back_has_numbers(self, earlier):
        self.run("to_texts")
        self.run("to_numbers")
        assert self.types() == {"real", "null"}
        assert self.amounts()["price_4"] == Decimal("19.99")


def test_the_column_is_that_of_django_s_own_decimals():
    column = Price._meta.get_field("unit_amount_decimal")
    own = DecimalField(max_digits=column.max_digits, decimal_places=column.decimal_places)
    assert column.db_type(connection) == own.db_type(connection)
