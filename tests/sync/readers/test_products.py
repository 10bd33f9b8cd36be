"""Products, prices and plans in every shape they have had since 2015-10-16."""

from decimal import Decimal

from pinax.stripe.models import Plan, Price, Product
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read

PRODUCTS = {
    "before 2018-02-05, goods": (
        {"name": "T-shirt", "active": True, "caption": "Cotton", "attributes": ["size"], "skus": {"data": []}},
        {"name": "T-shirt", "active": True, "type": "", "unit_label": "", "statement_descriptor": ""},
    ),
    "2018-02-05, service": (
        {"name": "Gold", "type": "service", "unit_label": "seat", "statement_descriptor": "GOLD"},
        {"name": "Gold", "type": "service", "unit_label": "seat", "statement_descriptor": "GOLD"},
    ),
    "2022, default price": ({"default_price": "price_1"}, {"default_price_id": "price_1"}),
    "2022, default price expanded": (
        {"default_price": {"id": "price_1", "unit_amount": 1}},
        {"default_price_id": "price_1"},
    ),
    "2022, no default price": ({"default_price": None}, {"default_price_id": None}),
    "deleted stub": ({"id": "prod_1", "object": "product", "deleted": True}, {"name": "", "active": None}),
}


@each(PRODUCTS)
def test_products(data, expected):
    assert read(READERS[Product], data, expected) == exact(expected)


def test_a_product_of_today():
    columns = {
        "name": "Gold",
        "active": False,
        "description": "All of it",
        "type": "service",
        "statement_descriptor": "GOLD",
        "unit_label": "seat",
        "url": "https://example.com/gold",
    }
    product = build_object("product", default_price="price_1", **columns)
    assert READERS[Product](product) == {**columns, "default_price_id": "price_1"}


RECURRING = {"interval": "year", "interval_count": 2, "usage_type": "metered", "trial_period_days": 14}

PRICES = {
    "one time": (
        {"type": "one_time", "recurring": None},
        {"type": "one_time", "interval": "", "interval_count": None, "usage_type": "", "trial_period_days": None},
    ),
    "recurring": ({"type": "recurring", "recurring": RECURRING}, {"type": "recurring", **RECURRING}),
    "less than a cent": (
        {"unit_amount": None, "unit_amount_decimal": "0.05"},
        {"unit_amount": None, "unit_amount_decimal": Decimal("0.05")},
    ),
    "twelve places": ({"unit_amount_decimal": "0.000000000001"}, {"unit_amount_decimal": Decimal("1E-12")}),
    "whole": (
        {"unit_amount": 1000, "unit_amount_decimal": "1000"},
        {"unit_amount": 1000, "unit_amount_decimal": Decimal(1000)},
    ),
    "free": ({"unit_amount": 0, "unit_amount_decimal": "0"}, {"unit_amount": 0, "unit_amount_decimal": Decimal(0)}),
    "more than 32 bits": ({"unit_amount": 2**40}, {"unit_amount": 2**40}),
    "less than nothing": (
        {"recurring": {"interval_count": -1, "trial_period_days": -1}},
        {"interval_count": None, "trial_period_days": None},
    ),
    "tiered": (
        {"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": None, "unit_amount_decimal": None},
        {"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": None, "unit_amount_decimal": None},
    ),
    "product expanded": ({"product": {"id": "prod_1", "object": "product"}}, {"product_id": "prod_1"}),
    "product deleted": ({"product": {"id": "prod_1", "deleted": True}}, {"product_id": "prod_1"}),
    "of a plan with an id of its own": ({"id": "Gold Plan", "product": "gold"}, {"product_id": "gold"}),
    "deleted stub": ({"id": "price_1", "object": "price", "deleted": True}, {"active": None, "unit_amount": None}),
}


@each(PRICES)
def test_prices(data, expected):
    assert read(READERS[Price], data, expected) == exact(expected)


def test_a_price_of_today():
    columns = {
        "active": True,
        "nickname": "Yearly",
        "currency": "eur",
        "type": "recurring",
        "unit_amount": 999_999_999_999,
        "billing_scheme": "per_unit",
        "tiers_mode": "graduated",
        "lookup_key": "gold_yearly",
        "tax_behavior": "exclusive",
    }
    price = build_object("price", product="prod_1", recurring=RECURRING, **columns)
    assert READERS[Price](price) == {
        **columns,
        **RECURRING,
        "product_id": "prod_1",
        "unit_amount_decimal": Decimal(999_999_999_999),
    }


PLANS = {
    "before 2018-02-05, name": (
        {"name": "Gold", "statement_descriptor": "GOLD", "amount": 2000},
        {"name": "Gold", "product_id": None, "nickname": "", "amount": 2000, "usage_type": "", "active": None},
    ),
    "2018-02-05, product and nickname": (
        {"product": "prod_1", "nickname": "Gold, yearly"},
        {"product_id": "prod_1", "nickname": "Gold, yearly", "name": ""},
    ),
    "2018-02-05, without a nickname": ({"product": "prod_1", "nickname": None}, {"nickname": "", "name": ""}),
    "2018, metered": ({"usage_type": "metered", "aggregate_usage": "sum"}, {"usage_type": "metered"}),
    "2018, tiered": (
        {"billing_scheme": "tiered", "tiers_mode": "graduated", "amount": None, "tiers": [{"unit_amount": 5}]},
        {"billing_scheme": "tiered", "tiers_mode": "graduated", "amount": None},
    ),
    "before 2019-08, no decimal amount": ({"amount": 2000}, {"amount": 2000, "amount_decimal": None}),
    "2019-08, decimal amount": (
        {"amount": None, "amount_decimal": "12.5"},
        {"amount": None, "amount_decimal": Decimal("12.5")},
    ),
    "product expanded": ({"product": {"id": "prod_1", "object": "product"}}, {"product_id": "prod_1"}),
    "more than 32 bits": ({"amount": 2**40}, {"amount": 2**40}),
    "less than nothing": (
        {"interval_count": -1, "trial_period_days": -1},
        {"interval_count": None, "trial_period_days": None},
    ),
    "no trial": ({"trial_period_days": None}, {"trial_period_days": None}),
    "trial": ({"trial_period_days": 30}, {"trial_period_days": 30}),
}


@each(PLANS)
def test_plans(data, expected):
    assert read(READERS[Plan], data, expected) == exact(expected)


def test_a_plan_of_today():
    columns = {
        "active": True,
        "nickname": "Weekly",
        "currency": "jpy",
        "amount": 500,
        "billing_scheme": "per_unit",
        "tiers_mode": "graduated",
        "interval": "week",
        "interval_count": 2,
        "usage_type": "licensed",
        "trial_period_days": 7,
    }
    plan = build_object("plan", product="prod_1", **columns)
    assert READERS[Plan](plan) == {**columns, "product_id": "prod_1", "name": "", "amount_decimal": Decimal(500)}
