"""Coupons and discounts in every shape they have had since 2015-10-16."""

from decimal import Decimal

import pytest

from pinax.stripe.models import Coupon, Customer
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read, utc

COUPONS = {
    "before 2018-05-21, no name": ({"percent_off": 25}, {"name": "", "percent_off": Decimal(25)}),
    "2018-05-21, name": ({"name": "Summer"}, {"name": "Summer"}),
    "before 2018-07-27, percent_off_precise": (
        {"percent_off": 33, "percent_off_precise": 33.33},
        {"percent_off": Decimal("33.33")},
    ),
    "before 2018-07-27, amount": (
        {"percent_off": None, "percent_off_precise": None, "amount_off": 500, "currency": "usd"},
        {"percent_off": None, "amount_off": 500, "currency": "usd"},
    ),
    "before 2018-07-27, precise null": ({"percent_off": 25, "percent_off_precise": None}, {"percent_off": Decimal(25)}),
    "2018-07-27, percent_off": ({"percent_off": 12.5}, {"percent_off": Decimal("12.5")}),
    "2018-07-27, all": ({"percent_off": 100}, {"percent_off": Decimal(100)}),
    "2018-07-27, amount": ({"percent_off": None, "amount_off": 0}, {"percent_off": None, "amount_off": 0}),
    "more places than fit": ({"percent_off": 33.33333333}, {"percent_off": Decimal("33.3333")}),
    "any number of times": ({"max_redemptions": None}, {"max_redemptions": None}),
    "as often as fits": (
        {"max_redemptions": 2**63 - 1, "times_redeemed": 2**63 - 1},
        {"max_redemptions": 2**63 - 1, "times_redeemed": 2**63 - 1},
    ),
    "less than nothing": (
        {"amount_off": -500, "duration_in_months": -1, "max_redemptions": -1, "times_redeemed": -1},
        {"amount_off": -500, "duration_in_months": None, "max_redemptions": None, "times_redeemed": None},
    ),
    "more than its column holds": ({"percent_off": 1000}, {"percent_off": None}),
    "deleted stub": ({"id": "SUMMER", "object": "coupon", "deleted": True}, {"percent_off": None, "valid": None}),
}


@each(COUPONS)
def test_coupons(data, expected):
    assert read(READERS[Coupon], data, expected) == exact(expected)


def test_a_coupon_of_today():
    columns = {
        "name": "Summer",
        "amount_off": 500,
        "currency": "eur",
        "duration": "repeating",
        "duration_in_months": 3,
        "max_redemptions": 100,
        "times_redeemed": 7,
        "valid": True,
    }
    coupon = build_object("coupon", redeem_by=1_700_000_000, **columns)
    assert READERS[Coupon](coupon) == {**columns, "percent_off": None, "redeem_by": utc("2023-11-14 22:13:20")}


COUPON = {"id": "SUMMER", "object": "coupon", "percent_off": 10}

DISCOUNTS = {
    "before mid-2020, no id": ({"object": "discount", "coupon": COUPON}, "SUMMER"),
    "mid-2020, id": ({"id": "di_1", "object": "discount", "coupon": COUPON}, "SUMMER"),
    "clover, source": ({"id": "di_1", "source": {"type": "coupon", "coupon": "SUMMER"}}, "SUMMER"),
    "clover, source expanded": ({"id": "di_1", "source": {"type": "coupon", "coupon": COUPON}}, "SUMMER"),
    "clover, source of a deleted coupon": ({"source": {"type": "coupon", "coupon": None}}, None),
    "both": ({"coupon": COUPON, "source": {"type": "coupon", "coupon": "SUMMER"}}, "SUMMER"),
    "the old one beside an empty source": ({"coupon": COUPON, "source": None}, "SUMMER"),
    "id alone": ("di_1", None),
    "null": (None, None),
}


@pytest.mark.parametrize(("discount", "coupon"), DISCOUNTS.values(), ids=DISCOUNTS)
def test_discounts(discount, coupon):
    assert READERS[Customer]({"discount": discount})["coupon_id"] == coupon
