"""Monthly recurring revenue: what subscriptions bring in a month at their present prices, quantities and discounts.

The database adds up equal items; what discounts take off is computed here, exactly, for the subscriptions that have
any (https://docs.stripe.com/billing/subscriptions/analytics).
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from .coupons import Discount
from .mirror import mirror_key

#: Statuses of subscriptions that are to be paid for: no trials, and none for which Stripe has stopped to collect.
PAYING = ("active", "past_due")
#: Interval -> how often a month it comes: a year has 365 days, and a month is a twelfth of it.
TIMES_A_MONTH = {
    "day": Fraction(365, 12),
    "week": Fraction(365, 7 * 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}
#: Rows that are read at once.
CHUNK = 2000
#: Kinds of items, and of coupons, of which it is known what they come to: many rows have the same few.
KINDS = 10_000
#: To what a sum is rounded, in minor units.
UNIT = Decimal("0.01")
#: Columns of prices and plans that say what an item costs.
TERMS = ("currency", "interval", "interval_count", "billing_scheme", "usage_type")


@dataclass(frozen=True, kw_only=True)
class RecurringRevenue:
    """What the subscriptions of one account in one currency bring in a month."""

    #: The connected account that it belongs to; "" for the platform's own.
    account: str
    currency: str
    #: Minor units, rounded once, half to even, to two decimals.
    amount: Decimal
    #: Items that are in the amount.
    counted: int
    #: Items that are not: of metered and tiered prices, of prices for packages of units or in another currency, and of
    #: prices that have not arrived.
    not_counted: int
    #: Discounts that are not taken off: they have not arrived, or take off an amount in another currency.
    unknown_discounts: int


class Terms(NamedTuple):
    """What one unit of an item costs, and how often; the columns of its price, or of its plan without one."""

    currency: str | None
    interval: str | None
    interval_count: int | None
    billing_scheme: str | None
    usage_type: str | None
    #: With fractions of minor units; None in versions before there were any.
    exact_amount: Decimal | None
    amount: int | None
    #: How quantities are rounded to packages of units, where the price is for those.
    rounding: str | None

    def of_a_month(self, currency: str) -> Fraction | None:
        """What a unit costs a month in the currency of its subscription; None where that is not known."""
        times, unit = self.times_a_month, self.amount if self.exact_amount is None else self.exact_amount
        if times is None or unit is None or not self.is_fixed or self.currency != currency:
            return None
        return Fraction(unit) * times

    @property
    def is_fixed(self) -> bool:
        """Whether each unit costs the same, whatever their number, and the number is known."""
        return self.billing_scheme != "tiered" and self.usage_type != "metered" and not self.rounding

    @property
    def times_a_month(self) -> Fraction | None:
        """How often a month it is billed."""
        times = TIMES_A_MONTH.get(self.interval or "")
        return None if times is None else times / (self.interval_count or 1)


@lru_cache(KINDS)
def costs_of(terms: Terms, currency: str) -> tuple[Fraction | None, Fraction]:
    """What a unit costs a month, if that is known, and how often a month it is billed; computed once for each kind."""
    return terms.of_a_month(currency), terms.times_a_month or Fraction(0)


@dataclass(kw_only=True)
class Sums:
    """What is added up of one account and currency."""

    amount: Fraction = Fraction(0)
    counted: int = 0
    not_counted: int = 0
    unknown_discounts: int = 0


class Reduction(NamedTuple):
    """What a discount takes off."""

    percent: Fraction
    amount: int
    currency: str


class Coupon(NamedTuple):
    """What the coupon of a discount takes off."""

    duration: str | None
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None

    @property
    def reduction(self) -> "Reduction | None":
        """What it takes off each month; None for what is given once."""
        return reduction_of(self)


@lru_cache(KINDS)
def reduction_of(coupon: Coupon) -> Reduction | None:
    """What a coupon takes off each month, computed once for each kind; None for what is given once."""
    if coupon.duration == "once":
        return None
    return Reduction(Fraction(coupon.percent_off or 0) / 100, coupon.amount_off or 0, coupon.currency or "")


COUPON = ("duration", "percent_off", "amount_off", "currency")


class DiscountedItem(NamedTuple):
    """An item of a subscription with a discount."""

    subscription: str
    account: str
    currency: str
    customer: str | None
    customer_coupon: str | None
    subscription_discounts: list[str]
    discounts: list[str]
    quantity: int | None
    coupon: Coupon
    terms: Terms


def recurring_revenue(items: QuerySet[Any], now: datetime.datetime) -> list[RecurringRevenue]:
    """The revenue of items, by account and currency: two statements, and two more if there are discounts."""
    items = with_terms(items.order_by())
    sums: dict[tuple[str, str], Sums] = defaultdict(Sums)
    for account, currency, number, with_quantity, quantity, *terms in grouped(items):
        add_items(sums[account, currency], currency, Terms(*terms), number, with_quantity, quantity)
    discounted = list(read_discounted(items, now))
    if discounted:
        known = Reductions.read(now)
        for _subscription, some in groupby(discounted, key=attrgetter("subscription")):
            take_off(sums, list(some), known)
    return [
        RecurringRevenue(
            account=account,
            currency=currency,
            amount=rounded(found.amount),
            counted=found.counted,
            not_counted=found.not_counted,
            unknown_discounts=found.unknown_discounts,
        )
        for (account, currency), found in sorted(sums.items())
    ]


def rounded(value: Fraction) -> Decimal:
    """A fraction as a decimal, half to even."""
    hundredths = round(value * 100)
    return (Decimal(hundredths) * UNIT).quantize(UNIT, rounding=ROUND_HALF_EVEN)


def with_terms(items: QuerySet[Any]) -> QuerySet[Any]:
    """Items with what they cost: by their price, else by their plan."""
    terms = {f"term_{name}": Coalesce(f"price__{name}", f"plan__{name}") for name in TERMS}
    return items.annotate(
        **terms,
        term_exact_amount=Coalesce("price__unit_amount_decimal", "plan__amount_decimal"),
        term_amount=Coalesce("price__unit_amount", "plan__amount"),
        term_rounding=Coalesce(
            KeyTextTransform("round", KeyTransform("transform_quantity", "price__stripe_data")),
            KeyTextTransform("round", KeyTransform("transform_usage", "plan__stripe_data")),
        ),
    )


TERM_NAMES = tuple(f"term_{name}" for name in Terms._fields)


def grouped(items: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many units of each kind there are: equal items are one row."""
    same = items.values("subscription__stripe_account", "subscription__currency", *TERM_NAMES)
    numbers = same.annotate(number=Count("pk"), with_quantity=Count("quantity"), units=Sum("quantity"))
    names = ("subscription__stripe_account", "subscription__currency", "number", "with_quantity", "units", *TERM_NAMES)
    return numbers.values_list(*names)


def add_items(sums: Sums, currency: str, terms: Terms, number: int, with_quantity: int, quantity: int | None) -> None:
    """Add equal items up; those without a quantity are of an unknown one."""
    unit = terms.of_a_month(currency)
    if unit is None:
        sums.not_counted += number
        return
    sums.amount += unit * (quantity or 0)
    sums.counted += with_quantity
    sums.not_counted += number - with_quantity


def of_whole_customers(now: datetime.datetime) -> QuerySet[Discount]:
    """Discounts on all that a customer buys, that run."""
    alone = {"subscription": None, "subscription_item": None, "invoice": None, "invoice_item": ""}
    return Discount.objects.filter(Q(end=None) | Q(end__gt=now), **alone)


def read_discounted(items: QuerySet[Any], now: datetime.datetime) -> Iterator[DiscountedItem]:
    """The items of subscriptions that have a discount of any kind, subscription by subscription."""
    customers = of_whole_customers(now).filter(customer=OuterRef("subscription__customer_id"))
    found = items.filter(
        ~Q(subscription__discount_ids=[])
        | ~Q(discount_ids=[])
        | Q(subscription__customer__coupon_id__isnull=False)
        | Exists(customers)
    )
    rows = found.order_by("subscription_id", "pk").values_list(
        "subscription_id",
        "subscription__stripe_account",
        "subscription__currency",
        "subscription__customer_id",
        "subscription__customer__coupon_id",
        "subscription__discount_ids",
        "discount_ids",
        "quantity",
        *(f"subscription__customer__coupon__{name}" for name in COUPON),
        *TERM_NAMES,
    )
    for row in rows.iterator(chunk_size=CHUNK):
        yield DiscountedItem._make([*row[:8], Coupon._make(row[8:12]), Terms._make(row[12:])])


@dataclass(frozen=True, kw_only=True)
class Reductions:
    """What discounts take off."""

    #: Key of a discount -> what it takes off each month; None for what is given once, or is over.
    by_discount: dict[str, Reduction | None]
    #: Customer -> the keys of the discounts on all that they buy, those that are over included.
    by_customer: dict[str, list[str]]

    @classmethod
    def read(cls, now: datetime.datetime) -> "Reductions":
        """All but those of single invoices, with one statement."""
        by_discount: dict[str, Reduction | None] = {}
        by_customer: dict[str, list[str]] = {}
        rows = Discount.all_objects.filter(invoice=None, invoice_item="").order_by("start", "pk")
        names = ("pk", "customer_id", "subscription_id", "subscription_item_id", "coupon_id", "deleted_at", "end")
        coupons = (f"coupon__{name}" for name in COUPON)
        for key, customer, subscription, item, coupon_id, deleted, end, *coupon in rows.values_list(
            *names, *coupons
        ).iterator(chunk_size=CHUNK):
            if customer and not (subscription or item):
                by_customer.setdefault(customer, []).append(key)
            if deleted is not None or (end is not None and end <= now):
                by_discount[key] = None
            elif coupon_id is not None and any(value is not None for value in coupon):
                by_discount[key] = Coupon(*coupon).reduction
        return cls(by_discount=by_discount, by_customer=by_customer)

    def found(self, keys: Iterable[str]) -> tuple[list[Reduction], int]:
        """What discounts take off, in their order, and how many of them are not known."""
        keys = list(keys)
        reductions = [self.by_discount.get(key) for key in keys]
        return [found for found in reductions if found], sum(key not in self.by_discount for key in keys)

    def of_customer(self, item: DiscountedItem) -> tuple[list[Reduction], int]:
        """What the customer's own discount takes off; by the coupon where the discount has no row."""
        keys = self.by_customer.get(item.customer or "")
        if keys is not None:
            return self.found(keys)
        if item.customer_coupon is None:
            return [], 0
        if all(value is None for value in item.coupon):
            return [], 1
        reduction = item.coupon.reduction
        return ([reduction] if reduction else []), 0


def take_off(sums: dict[tuple[str, str], Sums], items: list[DiscountedItem], known: Reductions) -> None:
    """Take the discounts of one subscription off what its items come to.

    Those of an item come first, then those of the subscription, in the order that Stripe lists them; that of the
    customer counts where the subscription has none of its own.
    """
    first = items[0]
    total = sums[first.account, first.currency]
    before = after = most_often = Fraction(0)
    for item in items:
        unit, times = costs_of(item.terms, item.currency)
        if unit is None or item.quantity is None:
            continue
        reductions, unknown = known.found(mirror_key(key, item.account) for key in item.discounts)
        reduced, foreign = less(unit * item.quantity, reductions, item.currency, times)
        total.unknown_discounts += unknown + foreign
        before += unit * item.quantity
        after += reduced
        most_often = max(most_often, times)
    reductions, unknown = known.found(mirror_key(key, first.account) for key in first.subscription_discounts)
    if not reductions and not unknown:
        reductions, unknown = known.of_customer(first)
    after, foreign = less(after, reductions, first.currency, most_often)
    total.unknown_discounts += unknown + foreign
    total.amount += after - before


def less(amount: Fraction, reductions: list[Reduction], currency: str, times: Fraction) -> tuple[Fraction, int]:
    """An amount of a month after what is taken off each invoice, of which there are so many a month; never below 0.

    And how many of the reductions are of another currency, and not taken off.
    """
    foreign = 0
    for each in reductions:
        if each.amount and each.currency != currency:
            foreign += 1
            continue
        amount = max(amount * (1 - each.percent) - each.amount * times, Fraction(0))
    return amount, foreign
