"""The answers in plain Python, from the objects' JSON alone: no model, no SQL, none of the code under test.

Rows are named as `account/id`, or by the id alone for the platform's own.
"""

import calendar
import datetime
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from tests.questions.account import NOW, SECONDS, TestAccount

NEVER_BEGAN = {"incomplete", "incomplete_expired"}
MONTHS_OF_A_YEAR = 12
DAYS = {"day": 1, "week": 7}


def key(account: str, stripe_id: str) -> str:
    return f"{account}/{stripe_id}" if account else stripe_id


class Oracle:
    def __init__(self, account: TestAccount) -> None:
        self.account = account
        self.all = {(owner, data["object"], data["id"]): data for owner, data in account.objects}
        self.discounts = {}
        for owner, data in account.objects:
            shown = data.get("discounts") or [] if data["object"] == "subscription" else []
            shown = [*shown, data.get("discount")] if data["object"] == "customer" else shown
            for each in [data] if data["object"] == "discount" else shown:
                if isinstance(each, dict):
                    self.discounts[owner, each["id"]] = each

    def rows(self, object_type, wanted=lambda owner, data: True):
        """The names of the live objects of a type that are wanted."""
        return {key(owner, data["id"]) for owner, data in self.account.of(object_type) if wanted(owner, data)}

    def is_deleted(self, owner, stripe_id):
        return (owner, stripe_id) in self.account.deleted

    # Subscriptions

    def runs(self, owner, data):
        return data["ended_at"] is None and not self.is_deleted(owner, data["customer"])

    def active(self):
        entitling = {"active", "trialing"}
        return self.rows("subscription", lambda o, d: d["status"] in entitling and self.runs(o, d))

    def past_due(self):
        return self.rows("subscription", lambda o, d: d["status"] == "past_due" and self.runs(o, d))

    def will_cancel(self):
        return self.rows(
            "subscription",
            lambda o, d: (
                d["ended_at"] is None
                and d["status"] not in ("canceled", "incomplete_expired")
                and (d["cancel_at_period_end"] or d["cancel_at"] is not None)
            ),
        )

    def trials_ending(self, days):
        last = SECONDS + days * 24 * 60 * 60
        return self.rows("subscription", lambda o, d: d["status"] == "trialing" and SECONDS <= d["trial_end"] < last)

    def started(self, since, until):
        return self.rows(
            "subscription", lambda o, d: d["status"] not in NEVER_BEGAN and within(d["created"], since, until)
        )

    def ended(self, since, until):
        return self.rows(
            "subscription", lambda o, d: d["status"] not in NEVER_BEGAN and within(d["ended_at"], since, until)
        )

    def churn(self, since, until):
        ran = [
            data
            for _owner, data in self.account.of("subscription")
            if data["status"] not in NEVER_BEGAN
            and data["created"] < since.timestamp()
            and (data["ended_at"] is None or data["ended_at"] >= since.timestamp())
        ]
        return len(ran), sum(within(data["ended_at"], since, until) for data in ran)

    # Recurring revenue

    def mrr(self):
        """(account, currency) -> amount of a month, items counted and not, discounts not known."""
        found = defaultdict(lambda: [Fraction(0), 0, 0, 0])
        for owner, data in self.account.of("subscription"):
            pays = data["status"] in ("active", "past_due") and not data["pause_collection"]
            if pays and self.runs(owner, data):
                sums = found[owner, data["currency"]]
                for place, value in enumerate(self.mrr_of(owner, data)):
                    sums[place] += value
        return {where: (rounded(amount), *rest) for where, (amount, *rest) in found.items()}

    def mrr_of(self, owner, data):
        total, counted, uncounted, unknown, often = Fraction(0), 0, 0, 0, Fraction(0)
        for item in data["items"]["data"]:
            price = item["price"]
            unit = price["unit_amount_decimal"]
            is_fixed = price["billing_scheme"] == "per_unit" and price["recurring"]["usage_type"] == "licensed"
            is_fixed = is_fixed and price["transform_quantity"] is None
            if not is_fixed or unit is None or price["currency"] != data["currency"]:
                uncounted += 1
                continue
            counted += 1
            invoices = invoices_a_month(price["recurring"])
            often = max(often, invoices)
            amount = Fraction(Decimal(unit)) * item["quantity"] * invoices
            amount, missing, _given = self.reduced(owner, amount, item["discounts"], data["currency"], invoices)
            unknown += missing
            total += amount
        own = [each["id"] if isinstance(each, dict) else each for each in data["discounts"]]
        total_after, missing, given = self.reduced(owner, total, own, data["currency"], often)
        if not given:
            theirs = self.all[owner, "customer", data["customer"]]["discount"]
            names = [theirs["id"]] if theirs else []
            total_after, missing, _given = self.reduced(owner, total, names, data["currency"], often)
        return total_after, counted, uncounted, unknown + missing

    def reduced(self, owner, amount, names, currency, invoices):
        """The amount less discounts, how many are not known, and whether there are any that count."""
        missing, given = 0, False
        for name in names:
            discount = self.discounts.get((owner, name))
            if discount is None:
                missing, given = missing + 1, True
                continue
            coupon = self.all[owner, "coupon", discount["source"]["coupon"]]
            if coupon["duration"] == "once" or (discount["end"] is not None and discount["end"] <= SECONDS):
                continue
            given = True
            if coupon["amount_off"] is not None and coupon["currency"] != currency:
                missing += 1
            elif coupon["amount_off"] is not None:
                amount = max(Fraction(0), amount - coupon["amount_off"] * invoices)
            else:
                amount -= amount * Fraction(Decimal(str(coupon["percent_off"]))) / 100
        return amount, missing, given

    # Money

    def paid(self, since, until):
        return self.rows("charge", lambda o, d: d["paid"] and d["captured"] and within(d["created"], since, until))

    def failed(self, since, until):
        return self.rows("charge", lambda o, d: d["status"] == "failed" and within(d["created"], since, until))

    def refunded(self):
        return self.rows("charge", lambda o, d: d["amount_refunded"] > 0)

    def disputed(self):
        return self.rows("charge", lambda o, d: d["disputed"])

    def revenue(self, since, until):
        """(account, currency) -> gross, refunds, disputes, fees, other, net."""
        found = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
        for owner, data in self.account.of("balance_transaction"):
            kind = data["reporting_category"] or data["type"]
            if not within(data["created"], since, until) or kind in ("payout", "topup"):
                continue
            sums = found[owner, data["currency"]]
            sums[3] += data["fee"]
            sums[5] += data["amount"] - data["fee"]
            if kind in ("charge", "payment"):
                sums[0] += data["amount"]
            elif kind in ("refund", "refund_failure", "payment_refund"):
                sums[1] -= data["amount"]
            elif kind in ("dispute", "dispute_reversal"):
                sums[2] -= data["amount"]
            elif kind in ("fee", "tax"):
                sums[3] -= data["amount"]
            else:
                sums[4] += data["amount"]
        return {where: tuple(sums) for where, sums in found.items()}

    def disputes(self, *statuses):
        return self.rows("dispute", lambda o, d: d["status"] in statuses)

    def under_way(self):
        return self.rows("payout", lambda o, d: d["status"] in ("pending", "in_transit"))

    def contents(self, owner, payout):
        """Type -> number, amount, fee and net of what a payout contains."""
        found = defaultdict(lambda: [0, 0, 0, 0])
        for name in self.account.lists[owner, payout]:
            data = self.all[owner, "balance_transaction", name]
            if data["source"] != payout:
                values = (1, data["amount"], data["fee"], data["amount"] - data["fee"])
                found[data["type"]] = [old + new for old, new in zip(found[data["type"]], values, strict=True)]
        return {kind: tuple(values) for kind, values in found.items()}

    def abandoned(self, since, until):
        return self.rows(
            "checkout.session", lambda o, d: d["status"] == "expired" and within(d["created"], since, until)
        )

    # Customers

    def with_coupon(self, coupon=None):
        def has(owner, data):
            discount = data["discount"]
            if discount is None or (discount["end"] is not None and discount["end"] <= SECONDS):
                return False
            return coupon is None or key(owner, discount["source"]["coupon"]) == coupon

        return self.rows("customer", has)

    def with_card_expiring(self, days):
        last = NOW + datetime.timedelta(days=days)
        used = defaultdict(set)
        for owner, data in self.account.of("customer"):
            default = data["invoice_settings"]["default_payment_method"] or data["default_source"]
            used[owner, data["id"]].add(default)
        for owner, data in self.account.of("subscription"):
            if data["ended_at"] is None:
                used[owner, data["customer"]].add(data["default_payment_method"])

        def ends_soon(card):
            days_of_month = calendar.monthrange(card["exp_year"], card["exp_month"])[1]
            end = datetime.datetime(card["exp_year"], card["exp_month"], days_of_month, tzinfo=datetime.timezone.utc)
            return NOW < end + datetime.timedelta(days=1) <= last

        cards = [(owner, data, data["card"]) for owner, data in self.account.of("payment_method")]
        cards += [(owner, data, data) for owner, data in self.account.of("card")]
        return {
            key(owner, data["customer"])
            for owner, data, card in cards
            if ends_soon(card)
            and data["id"] in used[owner, data["customer"]]
            and not self.is_deleted(owner, data["customer"])
        }

    def owing(self):
        owed = {
            (owner, data["customer"])
            for owner, data in self.account.of("invoice")
            if data["status"] == "open" and data["amount_remaining"] > 0
        }
        return self.rows("customer", lambda o, d: (o, d["id"]) in owed)

    def without_plan(self):
        having = {
            (owner, data["customer"])
            for owner, data in self.account.of("subscription")
            if data["status"] in ("active", "trialing") and data["ended_at"] is None
        }
        return self.rows("customer", lambda o, d: (o, d["id"]) not in having)

    def lifetime(self, owner, customer):
        """Currency -> payments, paid, refunded, lost, first and last moment."""
        lost = {
            data["charge"]: data["amount"]
            for each, data in self.account.of("dispute")
            if each == owner and data["status"] == "lost"
        }
        found = {}
        for each, data in self.account.of("charge"):
            if each == owner and data["customer"] == customer and data["paid"] and data["captured"]:
                found.setdefault(data["currency"], []).append(data)
        return {
            currency: (
                len(charges),
                sum(data["amount_captured"] for data in charges),
                sum(data["amount_refunded"] for data in charges),
                sum(lost.get(data["id"], 0) for data in charges),
                min(data["created"] for data in charges),
                max(data["created"] for data in charges),
            )
            for currency, charges in found.items()
        }


def within(moment, since, until):
    return moment is not None and since.timestamp() <= moment < until.timestamp()


def invoices_a_month(recurring):
    """How many invoices a month there are, of a year that has 365 days."""
    count = recurring["interval_count"]
    if recurring["interval"] in DAYS:
        return Fraction(365, DAYS[recurring["interval"]] * count * MONTHS_OF_A_YEAR)
    return Fraction(1, count) if recurring["interval"] == "month" else Fraction(1, count * MONTHS_OF_A_YEAR)


def rounded(amount):
    return round(Decimal(amount.numerator) / Decimal(amount.denominator), 2)
