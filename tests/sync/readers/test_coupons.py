"""Coupons and discounts in every shape they have had since 2015-10-16."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from pinax.stripe.models import Coupon, Customer, Discount, PromotionCode
from pinax.stripe.sync.registry import READERS
from pinax.stripe.testing import build_object
from tests.sync.shapes import each, exact, read, utc

NOW, SECOND = utc("2026-06-01 12:00:00"), datetime.timedelta(seconds=1)

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


@pytest.mark.parametrize(
    ("columns", "valid"),
    [
        ({}, True),
        ({"valid": None}, True),
        ({"redeem_by": NOW}, False),
        ({"redeem_by": NOW + SECOND}, True),
        ({"max_redemptions": 5, "times_redeemed": 4}, True),
        ({"max_redemptions": 5, "times_redeemed": 5}, False),
        ({"max_redemptions": 5, "times_redeemed": None}, True),
        ({"deleted_at": NOW}, False),
        ({"valid": False}, False),
        # When Stripe said so, the date was over; it was moved since, or another moment is asked about.
        ({"valid": False, "redeem_by": NOW + SECOND, "as_of": NOW + 2 * SECOND}, True),
        ({"valid": False, "redeem_by": NOW + SECOND, "as_of": NOW}, False),
    ],
)
def test_whether_a_coupon_is_valid_is_computed_for_a_moment(columns, valid):
    assert Coupon(**{"as_of": NOW, "valid": True, **columns}).is_valid(NOW) is valid


def test_a_coupon_is_valid_until_its_last_moment():
    coupon = Coupon(as_of=timezone.now(), redeem_by=timezone.now() + datetime.timedelta(hours=1))
    assert coupon.is_valid()
    coupon.redeem_by = timezone.now()
    assert not coupon.is_valid()


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


@pytest.mark.parametrize(
    ("discount", "coupon"),
    [each for each in DISCOUNTS.values() if isinstance(each[0], dict)],
    ids=[name for name, each in DISCOUNTS.items() if isinstance(each[0], dict)],
)
def test_a_discount_names_its_coupon(discount, coupon):
    assert READERS[Discount](discount)["coupon_id"] == coupon


def test_a_discount_of_today():
    names = {"customer": "cus_1", "subscription": "sub_1", "subscription_item": "si_1", "invoice": "in_1"}
    others = {"invoice_item": "ii_1", "checkout_session": "cs_test_1"}
    discount = build_object(
        "discount",
        start=1_700_000_000,
        end=1_700_000_001,
        source={"type": "coupon", "coupon": "SUMMER"},
        promotion_code="promo_1",
        **names,
        **others,
    )
    assert READERS[Discount](discount) == {
        **{f"{name}_id": value for name, value in names.items()},
        **others,
        "customer_account": "",
        "coupon_id": "SUMMER",
        "promotion_code_id": "promo_1",
        "start": utc("2023-11-14 22:13:20"),
        "end": utc("2023-11-14 22:13:21"),
    }
    assert READERS[Discount].shared(discount)["created_at"] == utc("2023-11-14 22:13:20")


CODES = {
    "2020-08-27, a whole coupon": ({"coupon": COUPON}, {"coupon_id": "SUMMER"}),
    "clover, promotion": ({"promotion": {"type": "coupon", "coupon": "SUMMER"}}, {"coupon_id": "SUMMER"}),
    "clover, promotion expanded": ({"promotion": {"type": "coupon", "coupon": COUPON}}, {"coupon_id": "SUMMER"}),
    "any number of times": ({"max_redemptions": None}, {"max_redemptions": None}),
    "of one customer": ({"customer": "cus_1"}, {"customer_id": "cus_1"}),
}


@each(CODES)
def test_promotion_codes(data, expected):
    assert read(READERS[PromotionCode], data, expected) == exact(expected)


def test_a_discount_runs_until_its_end():
    assert Discount(end=None).is_running(NOW)
    assert Discount(end=NOW + SECOND).is_running(NOW)
    assert not Discount(end=NOW).is_running(NOW)
    assert not Discount(end=None, deleted_at=NOW).is_running(NOW)
    assert Discount(end=timezone.now() + SECOND * 60).is_running()
