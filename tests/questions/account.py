"""An account of some thousand objects, drawn by a seed: what owners ask questions about.

Only JSON, as Stripe has it; `load` takes it in by the same functions as a backfill.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from pinax.stripe.sync.batch_writing import row_snapshot, write_all_plainly_newer
from pinax.stripe.sync.snapshots import SyncContext
from pinax.stripe.sync.writing import sync_object
from pinax.stripe.testing import build_object

DAY = 24 * 60 * 60
#: The moment at which the questions are asked.
NOW = datetime.datetime(2026, 3, 18, 12, 30, tzinfo=datetime.timezone.utc)
SECONDS = int(NOW.timestamp())
#: When the objects were read, and when those that were deleted were.
READ, DELETED = NOW - datetime.timedelta(hours=2), NOW - datetime.timedelta(hours=1)
CURRENCIES = ("usd", "eur", "jpy")
#: The platform's own, and a connected account with ids that the platform has, too.
ACCOUNTS = ("", "acct_2")
STATUSES = (
    *("active",) * 8,
    *("past_due", "trialing", "trialing", "unpaid", "canceled", "canceled", "incomplete", "incomplete_expired"),
    "paused",
)


@dataclass(kw_only=True)
class TestAccount:
    """The objects of all accounts, and what Stripe tells of them elsewhere than in them."""

    __test__ = False

    #: Account and object, in the order in which they were created.
    objects: list[tuple[str, dict]] = field(default_factory=list)
    #: Account and id of those that were deleted later.
    deleted: set[tuple[str, str]] = field(default_factory=set)
    #: Account and payout -> ids of the balance transactions in its list.
    lists: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def of(self, object_type: str) -> Iterator[tuple[str, dict]]:
        """The objects of a type that are not deleted, and their accounts."""
        for account, data in self.objects:
            if data["object"] == object_type and (account, data["id"]) not in self.deleted:
                yield account, data


class Draw:
    """Draws the objects of one account."""

    def __init__(self, seed: int, account: str, size: int) -> None:
        self.random = random.Random(f"{seed} {account}")
        self.account, self.size = account, size
        self.drawn = TestAccount()
        self.prices: list[dict] = []
        self.coupons: list[dict] = []
        self.customers: list[dict] = []
        self.numbers: dict[str, int] = {}

    def id(self, prefix: str) -> str:
        """Ids of accounts repeat: those that people choose may."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}_{self.numbers[prefix]}"

    def add(self, object_type: str, prefix: str, **values) -> dict:
        values.setdefault("id", self.id(prefix))
        values.setdefault("created", self.past())
        data = build_object(object_type, **values)
        self.drawn.objects.append((self.account, data))
        return data

    def delete(self, data: dict) -> None:
        self.drawn.deleted.add((self.account, data["id"]))

    def past(self, days: int = 400) -> int:
        """A moment of the last days; some at the edges of days, where periods begin."""
        moment = SECONDS - self.random.randrange(days * DAY)
        return moment - moment % DAY if self.chance(0.1) else moment

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def some(self, share: float, make):
        """What a function makes for a share of the objects, else None."""
        return make() if self.chance(share) else None

    def whole(self) -> TestAccount:
        self.catalogue()
        for _number in range(self.size):
            self.customer()
        for _number in range(2 * self.size):
            self.subscription()
        for _number in range(3 * self.size):
            self.charge()
        for _number in range(self.size):
            self.invoice()
            self.session()
            self.other_transaction()
        self.payouts()
        return self.drawn

    def catalogue(self) -> None:
        for currency in CURRENCIES:
            for interval in ("day", "week", "month", "year"):
                recurring = {"interval": interval, "interval_count": self.random.choice((1, 1, 2, 3))}
                amount = self.random.randrange(100, 20_000)
                self.price(currency, recurring, unit_amount=amount)
            monthly = {"interval": "month", "interval_count": 1}
            self.price(currency, monthly, unit_amount=None, unit_amount_decimal="0.333333333333")
            self.price(currency, monthly, unit_amount=None, billing_scheme="tiered", tiers_mode="graduated")
            self.price(currency, {**monthly, "usage_type": "metered", "meter": "mtr_1"}, unit_amount=7)
            packages = {"divide_by": 10, "round": "up"}
            self.price(currency, monthly, unit_amount=900, transform_quantity=packages)
            for duration in ("forever", "repeating", "once"):
                self.coupon(duration, percent_off=self.random.choice((12.5, 50, 100)))
                self.coupon(duration, amount_off=self.random.choice((50, 5_000)), currency=currency)
        # A deleted coupon goes on to be given to those who have it.
        self.delete(self.coupons[0])

    def price(self, currency: str, recurring: dict, **values) -> None:
        recurring = {"usage_type": "licensed", "meter": None, "trial_period_days": None, **recurring}
        values.setdefault("unit_amount_decimal", None if values["unit_amount"] is None else str(values["unit_amount"]))
        self.prices.append(self.add("price", "price", currency=currency, recurring=recurring, **values))

    def coupon(self, duration: str, **values) -> None:
        months = 3 if duration == "repeating" else None
        values = {"percent_off": None, **values}
        self.coupons.append(self.add("coupon", "coupon", duration=duration, duration_in_months=months, **values))

    def discount(self, customer: str, **owner) -> dict:
        """A discount of any coupon, which ends, has ended, or goes on."""
        coupon = self.random.choice(self.coupons)
        start = self.past(120)
        end = start + 90 * DAY if coupon["duration"] == "repeating" else None
        source = {"type": "coupon", "coupon": coupon["id"]}
        values = {"id": self.id("di"), "customer": customer, "start": start, "end": end, "source": source, **owner}
        return build_object("discount", **values)

    def told(self, discount: dict) -> None:
        """Have Stripe tell of a discount by itself; of few it never did."""
        if self.chance(0.95):
            self.drawn.objects.append((self.account, discount))

    def customer(self) -> None:
        name = self.id("cus")
        # Discounts on all that a customer buys: the customer shows it whole.
        discount = self.some(0.15, lambda: self.discount(name))
        methods = [self.method(name) for _number in range(self.random.randrange(3))]
        default = methods[0]["id"] if methods and self.chance(0.8) else None
        source = self.some(0.1, lambda: self.card(name)["id"])
        customer = self.add(
            "customer",
            "cus",
            id=name,
            discount=discount,
            default_source=source,
            invoice_settings={"default_payment_method": default},
        )
        self.customers.append({**customer, "methods": methods})
        if self.chance(0.03):
            self.delete(customer)

    def month(self) -> dict:
        """A month in which a card expires, mostly near."""
        ahead = self.random.randrange(-2, 6)
        month = NOW.month - 1 + ahead
        return {"exp_year": NOW.year + month // 12, "exp_month": month % 12 + 1}

    def method(self, customer: str) -> dict:
        shown = build_object("payment_method")["card"]
        return self.add("payment_method", "pm", customer=customer, card={**shown, **self.month()})

    def card(self, customer: str) -> dict:
        return self.add("card", "card", customer=customer, **self.month())

    def subscription(self) -> None:
        random, key = self.random, self.id("sub")
        customer = random.choice(self.customers)
        currency, status, created = random.choice(CURRENCIES), random.choice(STATUSES), self.past()
        is_over = status in ("canceled", "incomplete_expired")
        ended = random.randrange(created, SECONDS) if is_over else None
        items = [self.item(key, currency, created, customer) for _number in range(random.choice((1, 1, 1, 2, 3)))]
        discounts = [
            self.discount(customer["id"], subscription=key) for _number in range(random.choice((0, 0, 0, 1, 2)))
        ]
        is_shown = self.chance(0.3)
        if not is_shown:
            for discount in discounts:
                self.told(discount)
        trial_end = SECONDS + random.randrange(-3 * DAY, 20 * DAY) if status == "trialing" else None
        self.add(
            "subscription",
            "sub",
            id=key,
            customer=customer["id"],
            currency=currency,
            status=status,
            created=created,
            start_date=created,
            ended_at=ended,
            canceled_at=ended,
            trial_start=created if trial_end else None,
            trial_end=trial_end,
            cancel_at_period_end=not is_over and self.chance(0.1),
            cancel_at=self.some(0.05, lambda: SECONDS + random.randrange(40 * DAY)),
            pause_collection=self.some(0.05, lambda: {"behavior": "void", "resumes_at": None}),
            default_payment_method=customer["methods"][-1]["id"] if customer["methods"] and self.chance(0.1) else None,
            discounts=discounts if is_shown else [discount["id"] for discount in discounts],
            items=items,
        )

    def item(self, subscription: str, currency: str, created: int, customer: dict) -> dict:
        fitting = [price for price in self.prices if price["currency"] == currency or self.chance(0.01)]
        price = self.random.choice(fitting)
        is_metered = price["recurring"]["usage_type"] == "metered"
        key = self.id("si")
        discounts = []
        if self.chance(0.1):
            discounts.append(self.discount(customer["id"], subscription=subscription, subscription_item=key))
            self.told(discounts[0])
        return build_object(
            "subscription_item",
            id=key,
            subscription=subscription,
            created=created,
            price=price,
            quantity=None if is_metered else self.random.choice((1, 1, 2, 5, 40)),
            discounts=[discount["id"] for discount in discounts],
        )

    def charge(self) -> None:
        status = self.random.choice((*("succeeded",) * 8, "failed", "pending"))
        amount, created, currency = self.random.randrange(100, 50_000), self.past(), self.random.choice(CURRENCIES)
        is_paid = status == "succeeded"
        is_captured = is_paid and self.chance(0.95)
        captured = (amount if self.chance(0.9) else amount // 2) if is_captured else 0
        refunded = self.some(0.15, lambda: self.random.choice((captured, captured // 3))) or 0
        dispute = self.random.choice((*(None,) * 16, "won", "lost", "needs_response", "under_review", "warning_closed"))
        customer = self.some(0.9, lambda: self.random.choice(self.customers)["id"])
        key = self.id("ch")
        self.add(
            "charge",
            "ch",
            id=key,
            amount=amount,
            currency=currency,
            created=created,
            customer=customer,
            status=status,
            paid=is_paid,
            captured=is_captured,
            amount_captured=captured,
            amount_refunded=refunded,
            refunded=bool(refunded) and refunded == captured,
            disputed=bool(captured and dispute),
            balance_transaction=None,
        )
        if captured:
            self.transaction("charge", captured, created, currency, source=key, fee=captured // 30 + 30)
        if refunded:
            self.transaction("refund", -refunded, created + DAY, currency, source=key)
        if captured and dispute:
            left = captured - refunded or 1
            self.add("dispute", "dp", amount=left, currency=currency, charge=key, status=dispute, created=created + DAY)
            if dispute == "lost":
                values = {"reporting_category": "dispute", "fee": 1_500, "source": key}
                self.transaction("adjustment", -left, created + DAY, currency, **values)

    def transaction(self, kind: str, amount: int, created: int, currency: str, **values) -> dict:
        values = {"fee": 0, "reporting_category": kind, **values}
        return self.add(
            "balance_transaction", "txn", type=kind, amount=amount, created=created, currency=currency, **values
        )

    def other_transaction(self) -> None:
        """A refund that failed, fees apart, transfers, top-ups, and rows of versions without a reporting category."""
        kind, category, amount = self.random.choice(
            (
                ("refund_failure", "refund_failure", 700),
                ("stripe_fee", "fee", -450),
                ("tax_fee", "tax", -80),
                ("transfer", "transfer", -9_000),
                ("application_fee", "platform_earning", 300),
                ("topup", "topup", 100_000),
                ("payment", None, 4_000),
                ("payment_refund", None, -900),
                ("adjustment", "dispute_reversal", 1_200),
            )
        )
        currency = self.random.choice(CURRENCIES)
        self.transaction(kind, amount, self.past(), currency, reporting_category=category, source=None)

    def invoice(self) -> None:
        status = self.random.choice(("paid", "paid", "open", "draft", "void", "uncollectible"))
        remaining = 0 if status in ("paid", "void") else self.random.choice((0, 500, 2000))
        customer = self.random.choice(self.customers)["id"]
        self.add("invoice", "in", status=status, customer=customer, total=2000, amount_remaining=remaining)

    def session(self) -> None:
        status = self.random.choice(("open", "complete", "complete", "expired"))
        self.add("checkout.session", "cs", status=status)

    def payouts(self) -> None:
        for _number in range(30):
            status = self.random.choice(("paid", "paid", "pending", "in_transit", "failed", "canceled"))
            payout = self.add("payout", "po", status=status, created=self.past(30))
            own = self.transaction("payout", -2_000, payout["created"], "usd", source=payout["id"])
            self.drawn.lists[self.account, payout["id"]] = [own["id"]]
        free = [data["id"] for _account, data in self.drawn.of("balance_transaction") if data["type"] != "payout"]
        self.random.shuffle(free)
        for (_account, _payout), listed in self.drawn.lists.items():
            listed += [free.pop() for _number in range(self.random.randrange(20))]


def drawn(seed: int, size: int = 150) -> TestAccount:
    """The objects of all accounts: about twelve for each of `size` customers."""
    found = TestAccount()
    for account in ACCOUNTS:
        part = Draw(seed, account, size).whole()
        found.objects += part.objects
        found.deleted |= part.deleted
        found.lists |= part.lists
    return found


def load(account: TestAccount) -> None:
    """Take all of it in as a backfill does: what is one row by the thousand, the rest one by one."""
    plain = {}
    for owner, data in account.objects:
        context = SyncContext(as_of=READ, account=owner)
        found = row_snapshot(data, context)
        if found.is_plain:
            plain[found.row] = found
        else:
            sync_object(data, context)
    write_all_plainly_newer(plain.values())
    for owner, key in account.deleted:
        data = next(data for each, data in account.objects if (each, data["id"]) == (owner, key))
        sync_object({"id": key, "object": data["object"], "deleted": True}, SyncContext(as_of=DELETED, account=owner))
    name_payouts(account)


def name_payouts(account: TestAccount) -> None:
    """What the list of a payout tells: which balance transactions it contains."""
    from pinax.stripe.models import BalanceTransaction, mirror_key

    for (owner, payout), listed in account.lists.items():
        keys = [mirror_key(key, owner) for key in listed]
        BalanceTransaction.objects.filter(pk__in=keys).update(payout=mirror_key(payout, owner))
