"""A Stripe that lives: random histories of everything that is mirrored, made of small steps.

A history is a list of `Step`s, plain data, so that Hypothesis can draw and shrink it and a seed can repeat it. Every
change of an object puts a new number into its metadata: of two states it can be told which is older.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import ROWS_BY_NAME, Part
from pinax.stripe.testing import FakeStripe, build_object
from pinax.stripe.testing.builders.ids import storage_key
from pinax.stripe.testing.builders.lists import list_object
from pinax.stripe.testing.builders.objects import schedule_phase

from ..contract.tables import MODELS

Data = dict[str, Any]

ACCOUNT = "acct_1"
#: The first version with payments of invoices, and accounts' versions on both sides of it.
BASIL = "2025-03-31.basil"
CLOVER = "2025-09-30.clover"
VERSIONS = ("2026-10-28.endive", "2023-10-16")
#: Objects of one kind that live at a time; the last belongs to a connected account, under the id of the first.
SLOTS = 3
#: Steps have numbers below this.
NUMBERS = 12
#: Steps of a chapter of a long history.
CHAPTER = 20
#: Numbers of parts that subscriptions and invoices begin with; Stripe embeds ten of them.
SIZES = (1, 12, 0, 13, 9)


class Step(NamedTuple):
    """Something that happens: the name of a method, which object it is about, and a number to make something of."""

    name: str
    slot: int
    number: int


class LivingStripe(FakeStripe):
    """Calls a function right after it read what an answer will say, before the answer is sent."""

    def __init__(self) -> None:
        super().__init__()
        #: Called with the path of each request that was answered.
        self.after_reading: Callable[[str], None] = lambda path: None

    def respond(self, request):
        reply = super().respond(request)
        self.after_reading(request.path)
        return reply

    def ail(self, path: str, rng: random.Random) -> None:
        """From now on, one in five requests for a path is followed by a few that fail."""
        faults = (self.fail, self.drop, self.half, self.rate_limit)

        def after_reading(asked: str) -> None:
            if asked.startswith(path) and rng.randrange(5) == 0:
                rng.choice(faults)(path, times=rng.randrange(1, 5))

        self.after_reading = after_reading

    def recover(self) -> None:
        """Behave from now on."""
        self.after_reading = lambda path: None
        self.clear_faults()


class World:
    """A world that makes steps. A test can have several: each keeps its own state."""

    def __init__(self, stripe: FakeStripe) -> None:
        self.stripe = stripe
        self.changes = 0
        #: How many objects of a kind a slot had so far, by kind and slot.
        self.lives: Counter[tuple[str, int]] = Counter()
        #: Numbers of the last change before each deletion, by account and id.
        self.ends: dict[tuple[str, str], list[int]] = {}
        #: Objects that show others whole, as old API versions do.
        self.embedding: set[tuple[str, str]] = set()
        #: The last state of what was deleted.
        self.remains: dict[tuple[str, str], Data] = {}

    def live(self, step: Step) -> None:
        """Let one step happen."""
        name, _, kind = step.name.rpartition(":")
        if name:
            getattr(self, name)(kind, step.slot, step.number)
        elif kind in (*MODELS, *GENERAL):
            self.change(kind, step.slot, step.number)
        else:
            getattr(self, kind)(step.slot, step.number)

    # What can happen

    def wait(self, slot: int, number: int) -> None:
        """Seconds pass."""
        self.stripe.advance(1 + number % 3)

    def change(self, kind: str, slot: int, number: int) -> None:
        """An object changes; if there is none, it is created."""
        account, stripe_id = self.place(kind, slot)
        current = self.current(account, stripe_id)
        if current is None and self.lived(kind, slot) and number % 3:
            return  # What is gone stays away for a while.
        if current is not None and kind not in KINDS and not is_told(kind, "updated"):
            return
        if ROWS_BY_NAME[kind].is_customer_owned and not self.has_customer(slot, number):
            return
        fields = KINDS.get(kind, nothing_more)(self, current, slot, number)
        if fields is None:
            return
        if current is None:
            self.stripe.create(kind, id=stripe_id, account=account, **{"metadata": self.mark(), **fields})
            if kind in CREATED_SILENTLY:
                self.stripe.update(stripe_id, account=account, metadata=self.mark())
            return
        self.stripe.update(stripe_id, account=account, **{"metadata": self.mark(), **fields, **self.shown(slot, kind)})

    def has_customer(self, slot: int, number: int) -> bool:
        """Whether a slot has a customer, which is created if there never was one: Stripe reads cards below theirs."""
        if self.current(*self.place("customer", slot)) is None:
            self.change("customer", slot, number)
        return self.current(*self.place("customer", slot)) is not None

    def part(self, kind: str, slot: int, number: int) -> None:
        """The last part of a subscription or an invoice changes, and nothing else: often none that is embedded."""
        account, stripe_id = self.place(kind, slot)
        current = self.current(account, stripe_id)
        name = part_of(kind).attribute
        if current is None or not current[name]["data"]:
            return
        entries = current[name]["data"]
        entries[-1] |= {"quantity": 10 + number, "metadata": self.mark()}
        self.stripe.update(stripe_id, account=account, type=event_type(kind, "updated"), **{name: entries})

    def end(self, kind: str, slot: int, number: int) -> None:
        """An object is deleted; a payment method is detached, a subscription ends."""
        account, stripe_id = self.place(kind, slot)
        current = self.current(account, stripe_id)
        if current is None:
            return
        if kind in ("payment_method", "subscription"):
            self.stripe.update(stripe_id, account=account, silent=True, metadata=self.mark())
            self.stripe.delete(stripe_id, account=account)
            return
        self.stripe.update(stripe_id, account=account, silent=True, **self.shown(slot, kind))
        self.remains[account, stripe_id] = self.stripe.get(stripe_id, account=account)
        self.ends.setdefault((account, stripe_id), []).append(number_of(current))
        self.stripe.delete(stripe_id, account=account)
        if kind not in CHOSEN:
            self.lives[kind, slot] += 1

    def back(self, kind: str, slot: int, number: int) -> None:
        """What was deleted is there again under its id, as copies between accounts are; some keep their `created`."""
        if not self.lives[kind, slot] or self.current(*self.place(kind, slot)) is not None:
            return
        self.lives[kind, slot] -= 1
        account, stripe_id = self.place(kind, slot)
        if self.current(account, stripe_id) is not None:
            return
        self.stripe.advance(1 + number % 3)
        created = self.remains[account, stripe_id]["created"] if number % 2 else self.stripe.now
        fields = KINDS.get(kind, nothing_more)(self, None, slot, number)
        self.stripe.create(
            kind, id=stripe_id, account=account, **{"metadata": self.mark(), **fields, "created": created}
        )

    def embed(self, slot: int, number: int) -> None:
        """A customer begins to show its cards and subscriptions, a charge its refunds."""
        kind = ("customer", "charge")[number % 2]
        account, stripe_id = self.place(kind, slot)
        if self.current(account, stripe_id) is not None:
            self.embedding.add((account, stripe_id))
            self.change(kind, slot, number)

    def give_back(self, slot: int, number: int) -> None:
        """A charge is given back, in part."""
        account, charge = self.place("charge", slot)
        current = self.current(account, charge)
        if current is None or current["amount_refunded"] >= current["amount"]:
            return
        self.lives["refund", slot] += 1
        self.change("refund", slot, number - number % 3)
        given_back = current["amount_refunded"] + 500
        self.stripe.update(
            charge,
            account=account,
            metadata=self.mark(),
            amount_refunded=given_back,
            refunded=given_back >= current["amount"],
            **self.shown(slot, "charge"),
        )

    def fail_refund(self, slot: int, number: int) -> None:
        """A refund fails after all: the charge is less refunded again, and only the refund's events tell of it."""
        account, charge = self.place("charge", slot)
        stripe_id = self.place("refund", slot)[1]
        current, given = self.current(account, charge), self.current(account, stripe_id)
        if current is None or given is None or given["status"] == "failed" or current["amount_refunded"] == 0:
            return
        self.stripe.update(stripe_id, account=account, silent=True, status="failed", metadata=self.mark())
        less = {"amount_refunded": current["amount_refunded"] - given["amount"], "refunded": False}
        self.stripe.update(
            charge, account=account, silent=True, metadata=self.mark(), **less, **self.shown(slot, "charge")
        )
        for kind in ("refund.updated", "refund.failed"):
            self.stripe.emit(kind, stripe_id, account=account)

    def dispute_charge(self, slot: int, number: int) -> None:
        """A charge is disputed, or the dispute is withdrawn; only the dispute's events tell of it."""
        account, charge = self.place("charge", slot)
        current = self.current(account, charge)
        if current is None:
            return
        change = {"disputed": not current["disputed"], "metadata": self.mark()}
        self.stripe.update(charge, account=account, silent=True, **change, **self.shown(slot, "charge"))
        dispute = f"dp_{charge}"
        if self.current(account, dispute) is None:
            data = build_object("dispute", id=dispute, charge=charge, created=self.stripe.now, metadata=self.mark())
        else:
            data = self.stripe.update(dispute, account=account, silent=True, metadata=self.mark())
        kind = DISPUTED[number % len(DISPUTED)] if change["disputed"] else "closed"
        self.stripe.emit(f"charge.dispute.{kind}", data, account=account)

    def redeem(self, slot: int, number: int) -> None:
        """A customer gets the discount of a coupon, or loses it; only the discount's events tell of it.

        In versions that show the coupon whole, customers and discounts show it for ever as it was then.
        """
        if self.stripe.api_version < CLOVER:
            return
        account, customer = self.place("customer", slot)
        coupon, discount = self.place("coupon", slot)[1], self.place("discount", slot)[1]
        is_given = self.current(account, discount) is not None
        if self.current(account, customer) is None or (not is_given and self.current(account, coupon) is None):
            return
        self.stripe.update(customer, account=account, silent=True, metadata=self.mark())
        if is_given:
            self.lives["discount", slot] += 1
            self.stripe.delete(discount, account=account)
            return
        self.stripe.update(coupon, account=account, silent=True, metadata=self.mark())
        source = {"coupon": coupon, "type": "coupon"}
        self.stripe.create("discount", id=discount, account=account, customer=customer, source=source)

    def switch(self, slot: int, number: int) -> None:
        """A customer's discount is switched to another coupon and gets an end; only its own event tells of that."""
        account, customer = self.place("customer", slot)
        discount = self.place("discount", slot)[1]
        if self.current(account, discount) is None or self.current(account, customer) is None:
            return
        self.stripe.advance(1)  # Two changes of one second cannot be settled: a discount cannot be read.
        coupons = [data["id"] for data in self.stripe.objects("coupon", account=account)]
        changes: Data = {"end": self.stripe.now + 3600 * (1 + number)}
        if coupons:
            changes["source"] = {"coupon": coupons[number % len(coupons)], "type": "coupon"}
        self.stripe.update(customer, account=account, silent=True, metadata=self.mark())
        self.stripe.update(discount, account=account, **changes)

    def reduce(self, slot: int, number: int) -> None:
        """A subscription gets a discount, or loses it; the discount's event tells of it, and often the subscription's.

        As with customers, versions that show the coupon whole show it as it was then.
        """
        if self.stripe.api_version < CLOVER:
            return
        account, stripe_id = self.place("subscription", slot)
        coupon, discount = self.place("coupon", slot)[1], self.place("subscription_discount", slot)[1]
        current, is_given = self.current(account, stripe_id), self.current(account, discount) is not None
        is_running = current is not None and current["status"] != "canceled"
        if not is_running or not (is_given or self.current(account, coupon)):
            return
        self.stripe.update(stripe_id, account=account, silent=True, metadata=self.mark())
        if is_given:
            self.lives["subscription_discount", slot] += 1
            self.stripe.delete(discount, account=account)
        else:
            self.stripe.update(coupon, account=account, silent=True, metadata=self.mark())
            owner = {"customer": current["customer"], "subscription": stripe_id} if current else {}
            source = {"coupon": coupon, "type": "coupon"}
            self.stripe.create("discount", id=discount, account=account, source=source, **owner)
        if number % 2:
            self.stripe.update(stripe_id, account=account, metadata=self.mark())

    def try_setup(self, slot: int, number: int) -> None:
        """An attempt to set a card up begins, succeeds or fails; only the intent's events tell that there is one."""
        account, intent = self.place("setup_intent", slot)
        current = self.current(account, intent)
        if current is None or current["status"] == "succeeded":
            self.lives["setup_intent", slot] += current is not None
            self.change("setup_intent", slot, 0)
            return
        if current["status"] != "requires_action":
            self.lives["setup_attempt", slot] += 1
            made = {"setup_intent": intent, "status": "requires_action", "metadata": self.mark(), "silent": True}
            self.stripe.create("setup_attempt", id=self.place("setup_attempt", slot)[1], account=account, **made)
        attempt = self.place("setup_attempt", slot)[1]
        outcome, status, event = SETUPS[number % len(SETUPS)]
        self.stripe.update(attempt, account=account, silent=True, status=outcome, metadata=self.mark())
        change = {"latest_attempt": attempt, "status": status, "metadata": self.mark()}
        self.stripe.update(intent, account=account, type=f"setup_intent.{event}", **change)

    def pay(self, slot: int, number: int) -> None:
        """A payment towards an invoice comes in; nothing is ever told of it again.

        In versions before there were payments, the invoice says what paid it.
        """
        if self.stripe.api_version < BASIL:
            account, invoice = self.place("invoice", slot)
            if self.current(account, invoice) is not None:
                paid = {"charge": f"ch_{number}", "payment_intent": f"pi_{number}", "metadata": self.mark()}
                self.stripe.update(invoice, account=account, **paid)
            return
        self.lives["invoice_payment", slot] += 1
        self.change("invoice_payment", slot, number - number % 3)

    def attempt(self, slot: int, number: int) -> None:
        """An attempt to pay an invoice fails; only the invoice's event tells that there is an open payment."""
        account, invoice = self.place("invoice", slot)
        current = self.current(account, invoice)
        if self.stripe.api_version < BASIL or current is None or current["status"] == "paid":
            return
        self.lives["invoice_payment", slot] += 1
        payment = self.place("invoice_payment", slot)[1]
        self.stripe.create(
            "invoice_payment", id=payment, account=account, invoice=invoice, status="open", metadata=self.mark()
        )
        self.stripe.update(invoice, account=account, type="invoice.payment_failed", metadata=self.mark())

    def use_up(self, slot: int, number: int) -> None:
        """A charge uses up a source; only the charge's event tells of it."""
        account, stripe_id = self.place("source", slot)
        current = self.current(account, stripe_id)
        if current is None or (current["usage"], current["status"]) != ("single_use", "chargeable"):
            return
        self.stripe.update(stripe_id, account=account, silent=True, metadata=self.mark())
        charge = {"id": f"ch_{stripe_id}_{self.changes}", "payment_method": stripe_id, "metadata": self.mark()}
        self.stripe.create("charge", account=account, **charge)

    def reconcile(self, slot: int, number: int) -> None:
        """The balance transactions of a payout can be listed; of them there are no events."""
        account, payout = self.place("payout", slot)
        current = self.current(account, payout)
        if current is None or current["reconciliation_status"] == "completed":
            return
        for each in range(number % 4):
            name = f"txn_{payout}_{each}"
            self.stripe.create(
                "balance_transaction", id=name, account=account, payout=payout, metadata=self.mark(), silent=True
            )
        self.stripe.update(payout, account=account, reconciliation_status="completed", metadata=self.mark())

    def pay_in(self, slot: int, number: int) -> None:
        """A customer's cash comes in or is used; of the balance itself Stripe tells only that there are funds."""
        account, customer = self.place("customer", slot)
        if self.current(account, customer) is None:
            return
        balance = storage_key({"object": "cash_balance", "customer": customer})
        if self.current(account, balance) is None:
            self.stripe.create("cash_balance", account=account, customer=customer, silent=True)
        self.stripe.update(balance, account=account, silent=True, metadata=self.mark())
        self.lives["customer_cash_balance_transaction", slot] += 1
        self.change("customer_cash_balance_transaction", slot, number - number % 3)
        if number % 3 == 0:
            self.stripe.emit("cash_balance.funds_available", balance, account=account)

    def become_available(self, slot: int, number: int) -> None:
        """Funds become available in an account's balance."""
        account, _ = self.place("balance", slot)
        if self.current(account, "balance") is None:
            self.stripe.create("balance", account=account, silent=True)
        change = {"available": [{"amount": number, "currency": "eur"}], "metadata": self.mark()}
        self.stripe.update("balance", account=account, type="balance.available", **change)

    def give_credit(self, slot: int, number: int) -> None:
        """A customer's balance changes; only the customer's event tells that there is a transaction."""
        account, customer = self.place("customer", slot)
        current = self.current(account, customer)
        if current is None:
            return
        self.lives["customer_balance_transaction", slot] += 1
        transaction = self.place("customer_balance_transaction", slot)[1]
        fields = {"customer": customer, "amount": -100, "metadata": self.mark(), "silent": True}
        self.stripe.create("customer_balance_transaction", id=transaction, account=account, **fields)
        change = {"balance": current["balance"] - 100, "metadata": self.mark()}
        self.stripe.update(customer, account=account, **change, **self.shown(slot, "customer"))

    def refund_fee(self, slot: int, number: int) -> None:
        """A part of an application fee is given back; the fee's event shows its refunds, of which there is no event."""
        account, fee = self.place("application_fee", slot)
        if self.current(account, fee) is None:
            self.stripe.create("application_fee", id=fee, account=account, metadata=self.mark())
        self.lives["fee_refund", slot] += 1
        fields = {"fee": fee, "amount": 10, "metadata": self.mark(), "silent": True}
        self.stripe.create("fee_refund", id=self.place("fee_refund", slot)[1], account=account, **fields)
        refunds = list_object(self.of("fee_refund", account, fee=fee), f"/v1/application_fees/{fee}/refunds")
        change = {"amount_refunded": 10 * len(refunds["data"]), "refunds": refunds, "metadata": self.mark()}
        self.stripe.update(fee, account=account, type="application_fee.refunded", **change)

    def reverse(self, slot: int, number: int) -> None:
        """Parts of a transfer are taken back; the transfer's event shows its reversals, of which there is no event."""
        account, transfer = self.place("transfer", slot)
        current = self.current(account, transfer)
        if current is None:
            self.change("transfer", slot, 0)
            return
        reversals = [
            *current["reversals"]["data"],
            *(self.new_part("transfer", transfer) for _ in range(1 + number % 6)),
        ]
        change = {"amount_reversed": 10 * len(reversals), "reversals": reversals, "metadata": self.mark()}
        self.stripe.update(transfer, account=account, type="transfer.reversed", **change)

    def entitle(self, slot: int, number: int) -> None:
        """A customer may use more, or less; a summary has all of it, of which Stripe cuts the list at ten."""
        account, customer = self.place("customer", slot)
        if self.current(account, customer) is None:
            return
        kind = "entitlements.active_entitlement"
        held = [data for data in self.stripe.objects(kind, account=account) if data["customer"] == customer]
        for data in held[: number % 4]:
            # Nothing is left of what is revoked, not even a stub.
            del self.stripe._objects[account, data["id"]]
        for _ in range(SIZES[number % len(SIZES)] // 2):
            self.lives[kind, slot] += 1
            fields = {"customer": customer, "feature": "feat_1", "metadata": self.mark(), "silent": True}
            self.stripe.create(kind, id=self.place(kind, slot)[1], account=account, **fields)
        entries = list_object(self.of(kind, account, customer=customer), "/v1/customer/x/entitlements")
        summary = {"customer": customer, "entitlements": entries, "livemode": False, "object": f"{kind}_summary"}
        self.stripe.emit(f"{kind}_summary.updated", summary, account=account, keep=False)

    def stray(self, slot: int, number: int) -> None:
        """Stripe tells something of a source that was deleted already."""
        for (account, stripe_id), data in list(self.remains.items()):
            if data["object"] == "source" and self.current(account, stripe_id) is None:
                data = {**data, "status": "canceled"}
                self.stripe.emit("source.canceled", data, account=account, keep=False)
                return

    def other(self, slot: int, number: int) -> None:
        """Something happens that is not mirrored."""
        account = ACCOUNT if slot == SLOTS - 1 else ""
        name, data = OTHERS[number % len(OTHERS)]
        self.stripe.emit(name, dict(data), account=account, keep=False)

    # How it is kept

    def place(self, kind: str, slot: int) -> tuple[str, str]:
        """Account and id of what a slot holds. An account tells of itself."""
        account, number = (ACCOUNT, 0) if slot == SLOTS - 1 else ("", slot)
        if kind == "account":
            account = account or f"acct_of_slot_{slot}"
            return account, account
        life = "" if kind in CHOSEN else f"x{self.lives[kind, slot]}"
        return account, f"{PREFIXES.get(kind, kind)}_{number}{life}"

    def lived(self, kind: str, slot: int) -> bool:
        """Whether something in a slot was deleted."""
        return self.lives[kind, slot] > 0 or self.place(kind, slot) in self.ends

    def current(self, account: str, stripe_id: str) -> Data | None:
        """An object that is not deleted."""
        try:
            data = self.stripe.get(stripe_id, account=account)
        except KeyError:
            return None
        return None if data.get("deleted") else data

    def mark(self) -> Data:
        """Metadata with a new number."""
        self.changes += 1
        return {"change": str(self.changes)}

    def shown(self, slot: int, kind: str) -> Data:
        """The lists of whole objects that an object shows, as they are now."""
        account, stripe_id = self.place(kind, slot)
        if (account, stripe_id) not in self.embedding:
            return {}
        if kind == "charge":
            return {"refunds": list_object(self.of("refund", account, charge=stripe_id), "/v1/refunds")}
        sources = [entry for name in SOURCES for entry in self.of(name, account, customer=stripe_id)]
        running = [
            entry for entry in self.of("subscription", account, customer=stripe_id) if entry["status"] != "canceled"
        ]
        return {"sources": list_object(sources, "/v1/sources"), "subscriptions": list_object(running, "/v1/x")}

    def of(self, kind: str, account: str, **owner: str) -> list[Data]:
        rows = self.stripe.objects(kind, account=account)
        return [self.stripe.rendered(row, account=account) for row in rows if owner.items() <= row.items()]

    def parts(self, kind: str, owner: str, entries: list[Data], number: int) -> list[Data]:
        """The parts of an owner after some came, some went, or one changed."""
        if not entries or number % 4 == 0:
            return [*entries, self.new_part(kind, owner)]
        if number % 4 == 1:
            return entries[min(4, len(entries) - 1) :]
        if number % 4 == 2:
            return [*entries, *(self.new_part(kind, owner) for _ in range(4))]
        entries[0] |= {"quantity": number, "metadata": self.mark()}
        return entries

    def new_part(self, kind: str, owner: str) -> Data:
        part = part_of(kind)
        (prefix,) = ROWS_BY_NAME[part.object_type].id_prefixes
        metadata = self.mark()
        named = {} if part.owner in ROWS_BY_NAME[part.object_type].unnamed else {part.owner: owner}
        return build_object(
            part.object_type,
            id=f"{prefix}{owner}_{metadata['change']}",
            metadata=metadata,
            created=self.stripe.now,
            **named,
            quantity=1,
        )


def number_of(data: Data) -> int:
    """The number of the change that an object shows."""
    return int((data.get("metadata") or {}).get("change", 0))


# What a change does to each kind: a function of the world, the current object (None if there is none), slot and number.

# None when nothing happens of which Stripe would tell.

Change = Callable[[World, Data | None, int, int], Data | None]


def nothing_more(world: World, current: Data | None, slot: int, number: int) -> Data:
    """A kind that has no function of its own: its metadata changes."""
    return {}


def customer(world: World, current: Data | None, slot: int, number: int) -> Data:
    # Not the balance: of its changes the transactions are read, so such an event is never one of a batch.
    return {"description": f"number {number}", "phone": f"+1 555 {number:04}"}


def owned(**names: str) -> Change:
    """Objects of a customer with an attribute or two that change."""

    def change(world: World, current: Data | None, slot: int, number: int) -> Data:
        fields: Data = {name: value.format(number) for name, value in names.items()}
        return fields if current else {**fields, "customer": world.place("customer", slot)[1]}

    return change


def payment_method(world: World, current: Data | None, slot: int, number: int) -> Data:
    details = {"address": None, "email": f"{number}@example.com", "name": "Jenny", "phone": None, "tax_id": None}
    fields: Data = {"billing_details": details}
    if current is None or current["customer"] is None:
        fields["customer"] = world.place("customer", slot)[1]
    return fields


def source(world: World, current: Data | None, slot: int, number: int) -> Data:
    if current:
        return {"amount": number}
    usage = ("reusable", "single_use")[number % 2]
    return {"amount": number, "customer": world.place("customer", slot)[1], "usage": usage}


def product(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"name": f"number {number}", "active": number % 2 == 0}


def price(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"nickname": f"number {number}", "product": world.place("product", slot)[1]}


def coupon(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"percent_off": number + 1, "name": f"number {number}"}


def promotion_code(world: World, current: Data | None, slot: int, number: int) -> Data:
    if current:
        return {"active": number % 2 == 0, "times_redeemed": number}
    return {"code": f"CODE{number}", "promotion": {"type": "coupon", "coupon": world.place("coupon", slot)[1]}}


def subscription(world: World, current: Data | None, slot: int, number: int) -> Data:
    stripe_id = world.place("subscription", slot)[1]
    if current is None:
        items = [world.new_part("subscription", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
        default = {"default_payment_method": world.place("payment_method", slot)[1]} if number % 3 else {}
        return {"customer": world.place("customer", slot)[1], "status": "incomplete", "items": items, **default}
    if current["status"] == "canceled" or number < 2:
        return {"description": f"number {number}"}
    if number < 4:
        return {"status": ("active", "past_due")[number - 2]}
    return {"items": world.parts("subscription", stripe_id, current["items"]["data"], number)}


def invoice(world: World, current: Data | None, slot: int, number: int) -> Data:
    stripe_id = world.place("invoice", slot)[1]
    if current is None:
        lines = [world.new_part("invoice", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
        return {"customer": world.place("customer", slot)[1], "lines": lines}
    following = {"draft": "open", "open": "paid"}.get(current["status"])
    if number < 3 and following:
        return {"status": following, "amount_paid": current["amount_due"] if following == "paid" else 0}
    if number < 4:
        return {"description": f"number {number}"}
    return {"lines": world.parts("invoice", stripe_id, current["lines"]["data"], number)}


def invoice_payment(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"invoice": world.place("invoice", slot)[1], "amount_requested": 100 * number}


def charge(world: World, current: Data | None, slot: int, number: int) -> Data:
    if current is None:
        owner = {"customer": world.place("customer", slot)[1], "invoice": world.place("invoice", slot)[1]}
        return {**owner, "amount": 2000, "status": "pending", "paid": False}
    if current["status"] == "pending":
        return {"status": "succeeded", "paid": True, "captured": True, "amount_captured": 2000}
    return {"description": f"number {number}"}


def payment_intent(world: World, current: Data | None, slot: int, number: int) -> Data:
    if current is None:
        return {"customer": world.place("customer", slot)[1], "amount": 2000}
    # There is no event for any other change of theirs.
    others = [status for status in STATUSES if status != current["status"]]
    return {"status": others[number % len(others)]}


def refund(world: World, current: Data | None, slot: int, number: int) -> Data:
    statuses = ("pending", "succeeded", "failed", "requires_action")
    fields = {"status": statuses[number % len(statuses)], "description": f"number {number}"}
    return fields if current else {**fields, "charge": world.place("charge", slot)[1], "amount": 500}


def checkout_session(world: World, current: Data | None, slot: int, number: int) -> Data | None:
    """Stripe tells of a session when it is completed or expires, and of no change after that."""
    if current is not None:
        return None
    stripe_id = world.place("checkout.session", slot)[1]
    world.lives["checkout.session", slot] += number % 2
    if number % 3 == 0:
        return {"status": "expired"}
    lines = [world.new_part("checkout.session", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
    return {"status": "complete", "customer": world.place("customer", slot)[1], "line_items": lines}


def payment_link(world: World, current: Data | None, slot: int, number: int) -> Data:
    stripe_id = world.place("payment_link", slot)[1]
    if current is None:
        lines = [world.new_part("payment_link", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
        return {"active": True, "line_items": lines}
    # No event shows the lines: with each they are read.
    lines = world.parts("payment_link", stripe_id, current["line_items"]["data"], number)
    return {"active": number % 2 == 0, "line_items": lines}


def quote(world: World, current: Data | None, slot: int, number: int) -> Data | None:
    """A quote is drafted, edited until it is finalized, then accepted or canceled; no event shows its lines."""
    stripe_id = world.place("quote", slot)[1]
    if current is None:
        lines = [world.new_part("quote", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
        return {"customer": world.place("customer", slot)[1], "status": "draft", "line_items": lines}
    if current["status"] == "draft":
        lines = world.parts("quote", stripe_id, current["line_items"]["data"], number)
        return {"status": "open", "line_items": lines}
    world.lives["quote", slot] += 1
    return {"status": ("accepted", "canceled")[number % 2]} if current["status"] == "open" else None


def credit_note(world: World, current: Data | None, slot: int, number: int) -> Data:
    stripe_id = world.place("credit_note", slot)[1]
    if current:
        return {"memo": f"number {number}"}
    lines = [world.new_part("credit_note", stripe_id) for _ in range(SIZES[number % len(SIZES)])]
    return {"customer": world.place("customer", slot)[1], "invoice": world.place("invoice", slot)[1], "lines": lines}


def schedule(world: World, current: Data | None, slot: int, number: int) -> Data:
    """The phases of a schedule are hashes without ids: each change has all of them."""
    times = [world.stripe.now + each for each in range(number % 4)]
    phases = [schedule_phase(start_date=time, end_date=time + 1, metadata=world.mark()) for time in times]
    return {"phases": phases, "subscription": world.place("subscription", slot)[1]}


def review(world: World, current: Data | None, slot: int, number: int) -> Data | None:
    """A review of a charge is opened, and later closed."""
    if current is None:
        account, charge = world.place("charge", slot)
        return {"open": True, "charge": charge if world.current(account, charge) else None}
    return {"open": False, "closed_reason": "approved"} if current["open"] else None


def cash_transaction(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"customer": world.place("customer", slot)[1], "ending_balance": 100 * number}


def account(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"email": f"{number}@example.com", "charges_enabled": number % 2 == 0}


def person(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"first_name": f"number {number}"}


def external_account(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"bank_name": f"number {number}"}


def capability(world: World, current: Data | None, slot: int, number: int) -> Data:
    return {"status": ("active", "inactive", "pending")[number % 3]}


KINDS: dict[str, Change] = {
    "account": account,
    "person": person,
    "capability": capability,
    "external_account": external_account,
    "checkout.session": checkout_session,
    "payment_link": payment_link,
    "review": review,
    "quote": quote,
    "credit_note": credit_note,
    "subscription_schedule": schedule,
    "customer": customer,
    "customer_cash_balance_transaction": cash_transaction,
    "payment_method": payment_method,
    "card": owned(name="number {}"),
    "bank_account": owned(account_holder_name="number {}"),
    "source": source,
    "product": product,
    "price": price,
    "plan": price,
    "coupon": coupon,
    "promotion_code": promotion_code,
    "subscription": subscription,
    "invoice": invoice,
    "invoice_payment": invoice_payment,
    "charge": charge,
    "payment_intent": payment_intent,
    "refund": refund,
}
#: Kinds whose ids people choose, and may choose again.
CHOSEN = {name for name in MODELS if ROWS_BY_NAME[name].ids_can_recur}
#: Kinds of which two changes of one second cannot be settled: they have steps of their own that make no such two.
UNREADABLE = {"discount"}
#: Kinds of which no event tells that there is a new one: in a history each begins with a change.
CREATED_SILENTLY = {"account", "capability", "mandate"}
#: Kinds without a table of their own: one that is never deleted, and one that is.
GENERAL = ("climate.order", "apps.install")
#: What ids of a kind begin with, where that tells it apart from others that the same attribute names.
PREFIXES = {"source": "src"}
#: Kinds whose objects come back under the ids that Stripe made up.
RETURNING = {"customer", "source"}
SOURCES = ("card", "bank_account", "source")
STATUSES = ("processing", "requires_action", "requires_capture", "requires_payment_method", "succeeded")
#: What becomes of an attempt to set a card up, and of its intent, with the last part of the type of the event.
SETUPS = (
    ("requires_action", "requires_action", "requires_action"),
    ("failed", "requires_payment_method", "setup_failed"),
    ("failed", "requires_payment_method", "setup_failed"),
    ("succeeded", "succeeded", "succeeded"),
)
#: Last parts of the types of events about disputes; the one of the end is left out.
DISPUTED = ("created", "updated", "funds_withdrawn")
OTHERS: list[tuple[str, Data]] = [
    ("invoice.upcoming", {"object": "invoice", "customer": "customer_0x0", "amount_due": 5}),
    ("balance.available", {"object": "balance", "available": []}),
    ("climate.order.created", {"object": "climate.order", "amount": 5}),
    ("mystery.solved", {"object": "mystery", "id": "mys_1"}),
]


def is_told(kind: str, change: str) -> bool:
    """Whether Stripe makes events about such a change of a kind."""
    found = EVENT_TYPES.get(event_type(kind, change))
    return found is not None and found.current


def event_type(kind: str, change: str) -> str:
    """The type of an event about such a change of a kind."""
    return f"{ROWS_BY_NAME[kind].event_prefixes[0]}.{change}"


def part_of(kind: str) -> Part:
    """What an object of a kind has parts of."""
    part = ROWS_BY_NAME[kind].part
    assert part is not None, kind
    return part


def is_drawn(kind: str) -> bool:
    """Whether histories of a kind by itself are made: Stripe tells of a new one, or at least of its changes.

    What comes with others only has tests of its own.
    """
    is_plain = kind not in KINDS and kind not in UNREADABLE
    return is_plain and (is_told(kind, "created") or kind in CREATED_SILENTLY)


def own_topic(kind: str) -> tuple[str, ...]:
    """The steps of a kind by itself."""
    return (kind, kind, f"end:{kind}") if is_told(kind, "deleted") else (kind, kind)


#: What has to do with each other: a history is about one or a few of these, or its objects would hardly ever meet.
TOPICS: dict[str, tuple[str, ...]] = {
    "customers": ("customer", "customer", "end:customer", "back:customer"),
    "cards": ("customer", "embed", "card", "card", "end:card", "bank_account", "end:bank_account"),
    "sources": ("source", "source", "end:source", "back:source", "stray"),
    "used up": ("source", "source", "use_up", "end:source"),
    "payment_methods": ("payment_method", "payment_method", "end:payment_method"),
    "products": ("product", "product", "end:product"),
    "prices": ("price", "price", "end:price", "plan", "plan", "end:plan"),
    "coupons": ("coupon", "coupon", "end:coupon"),
    "discounts": ("customer", "coupon", "end:coupon", "promotion_code", "redeem", "redeem", "switch"),
    "reduced": ("subscription", "coupon", "end:coupon", "reduce", "reduce"),
    "setups": ("try_setup", "try_setup"),
    "subscriptions": ("subscription", "subscription", "part:subscription", "end:subscription"),
    "defaults": ("payment_method", "end:payment_method", "end:payment_method", "subscription"),
    "canceled": ("customer", "end:customer", "subscription", "subscription"),
    "embedded": ("customer", "embed", "subscription", "part:subscription", "end:subscription"),
    "invoices": ("invoice", "invoice", "part:invoice", "pay"),
    "attempts": ("invoice", "invoice", "attempt", "pay"),
    "payments": ("charge", "charge", "payment_intent", "refund", "give_back", "embed"),
    "disputes": ("charge", "charge", "dispute_charge", "dispute_charge", "give_back", "fail_refund"),
    "reviews": ("charge", "charge", "review", "review"),
    "accounts": ("account", "account", "person", "person", "end:person", "capability", "capability"),
    "destinations": ("account", "external_account", "external_account", "end:external_account"),
    "sessions": ("customer", "checkout.session", "checkout.session"),
    "payment_links": ("payment_link", "payment_link"),
    "payouts": ("payout", "payout", "reconcile"),
    "credits": ("customer", "customer", "give_credit", "give_credit"),
    "entitlements": ("customer", "customer", "entitle", "entitle"),
    "quotes": ("quote", "quote", "quote"),
    "credit_notes": ("credit_note", "credit_note"),
    "schedules": ("subscription_schedule", "subscription_schedule"),
    "transfers": ("transfer", "reverse", "reverse"),
    "fees": ("refund_fee", "refund_fee", "refund_fee"),
    "cash": ("customer", "customer", "pay_in", "pay_in"),
    "balances": ("become_available", "become_available"),
    "others": ("other",),
}
# A kind without a function of its own is a topic of its own, with what Stripe tells of such objects.
TOPICS |= {name: own_topic(name) for name in [*filter(is_drawn, sorted(MODELS)), *GENERAL]}


def steps_about(topics: Iterable[str]) -> tuple[str, ...]:
    """Names of the steps of some topics, every one as often as it should happen, among seconds that pass."""
    names = [name for topic in topics for name in TOPICS[topic]]
    return (*names, *("wait",) * max(1, len(names) // 4))


def random_steps(rng: random.Random, length: int, names: Iterable[str], slots: int = SLOTS) -> list[Step]:
    """A history made by chance."""
    names = tuple(names)
    return [Step(rng.choice(names), rng.randrange(slots), rng.randrange(NUMBERS)) for _ in range(length)]


def live_through_days(world: World, rng: random.Random, chapters: int, *, days: int, until: int) -> None:
    """A history of everything, spread over the days before a moment: in each chapter much happens within seconds."""
    begin = until - days * 24 * 3600
    names = steps_about(TOPICS)
    for moment in sorted(rng.randrange(begin, until) for _ in range(chapters)):
        world.stripe.now = max(moment, world.stripe.now if world.stripe.events else moment)
        for step in random_steps(rng, CHAPTER, names):
            world.live(step)
    world.stripe.now = until
